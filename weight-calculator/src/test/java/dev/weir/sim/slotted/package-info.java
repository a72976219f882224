/** Tests of the slotted models. */
@NullMarked
package dev.weir.sim.slotted;

import org.jspecify.annotations.NullMarked;
