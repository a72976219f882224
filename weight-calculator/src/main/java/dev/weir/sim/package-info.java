/**
 * The simulator: what a mesh would do under a policy, in simulated time.
 *
 * <p>{@code engine.Simulation} runs a {@link dev.weir.sim.Scenario} under a policy with a seed and gives a {@link
 * dev.weir.sim.Result}. Our own policies run the decision core itself, through {@code dev.weir.weights.Calculator}.
 * Pure: no files, no clock, no plots; the same seed gives the same figures on every machine.
 */
@NullMarked
package dev.weir.sim;

import org.jspecify.annotations.NullMarked;
