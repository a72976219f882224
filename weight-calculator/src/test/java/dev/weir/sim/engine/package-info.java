/** Tests of the event-driven engine. */
@NullMarked
package dev.weir.sim.engine;

import org.jspecify.annotations.NullMarked;
