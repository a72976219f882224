/** What {@code weir up} runs: control plane, sidecar and collector of one machine, under one supervisor. */
@NullMarked
package dev.weir.control.up;

import org.jspecify.annotations.NullMarked;
