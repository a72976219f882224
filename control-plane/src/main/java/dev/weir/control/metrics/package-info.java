/** Every metric of the control plane: what is counted, under which name, and where it is registered. */
@NullMarked
package dev.weir.control.metrics;

import org.jspecify.annotations.NullMarked;
