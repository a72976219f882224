/** Tests of the decision core. */
@NullMarked
package dev.weir.sim.engine;

import org.jspecify.annotations.NullMarked;
