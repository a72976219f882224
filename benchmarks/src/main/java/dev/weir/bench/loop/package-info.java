/** {@code weir bench loop}: the control loop beside its peers, through real Envoys. */
@NullMarked
package dev.weir.bench.loop;

import org.jspecify.annotations.NullMarked;
