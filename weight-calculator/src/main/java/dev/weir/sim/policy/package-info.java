/** Ways to choose a provider, behind one interface: ours, published baselines, and bounds that no real system reaches. */
@NullMarked
package dev.weir.sim.policy;

import org.jspecify.annotations.NullMarked;
