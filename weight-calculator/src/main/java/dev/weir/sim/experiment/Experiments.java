package dev.weir.sim.experiment;

import java.util.List;

/** All experiments, in the order of their listing. */
public final class Experiments {
    private Experiments() {}

    public static List<Experiment> all() {
        return List.of(
                new Overview(),
                new Agreement(),
                new Quality(),
                new Stability(),
                new CapacityErrors(),
                new Escrow(),
                new Bursts(),
                new Failure(),
                new Delays(),
                new Starvation(),
                new Pushes(),
                new Price(),
                new Detect(),
                new Original());
    }
}
