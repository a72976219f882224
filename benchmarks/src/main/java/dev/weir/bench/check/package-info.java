/** {@code weir bench check}: what asking the control plane for each request costs. */
@NullMarked
package dev.weir.bench.check;

import org.jspecify.annotations.NullMarked;
