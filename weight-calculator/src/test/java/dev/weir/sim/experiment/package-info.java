/** The guard: short versions of the experiments, and the simulator against measurements. */
@NullMarked
package dev.weir.sim.experiment;

import org.jspecify.annotations.NullMarked;
