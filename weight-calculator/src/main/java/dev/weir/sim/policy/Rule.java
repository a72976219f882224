package dev.weir.sim.policy;

import dev.weir.sim.Scenario;
import dev.weir.weights.Observation;

/** Makes a split from what is known at a tick. One instance per run. */
public interface Rule {
    /** One tick. */
    Answer tick(Observation observation);

    /** Makes a rule for a run. */
    @FunctionalInterface
    interface Maker {
        Rule make(Scenario scenario, double tickSeconds);
    }
}
