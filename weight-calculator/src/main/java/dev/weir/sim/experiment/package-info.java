/** Named experiments: each runs scenarios, fills tables and compares figures with their targets. */
@NullMarked
package dev.weir.sim.experiment;

import org.jspecify.annotations.NullMarked;
