/** The event-driven engine: stations with slots, attempts, time-outs and retries, on primitive arrays. */
@NullMarked
package dev.weir.sim.engine;

import org.jspecify.annotations.NullMarked;
