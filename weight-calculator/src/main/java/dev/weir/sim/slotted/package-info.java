/**
 * Networks in slotted time with fluid work: where a rule's throughput shows without the noise of single requests. Split and
 * estimates are those of the rule under test, the decision core among them.
 */
@NullMarked
package dev.weir.sim.slotted;

import org.jspecify.annotations.NullMarked;
