package dev.weir.sim.policy;

import java.util.SplittableRandom;

/** How one sidecar draws members of one pool from the weights that it was pushed. */
interface Draw {
    /** New weights, at least one positive. */
    void weights(int[] weights);

    /** The place of the next member in the pool. */
    int next();

    /** A coin per request: Envoy's weighted clusters. */
    static Draw random(SplittableRandom random) {
        return new Intervals(() -> random.nextDouble());
    }

    /**
     * A counter instead of a coin: {@code frac(n phi)} with the golden ratio fills the unit interval so evenly that a share
     * is met within a few requests at any time.
     */
    static Draw golden(SplittableRandom random) {
        return new Intervals(new Intervals.Positions() {
            private double position = random.nextDouble();

            @Override
            public double next() {
                position += 0.6180339887498949;
                if (position >= 1) {
                    position -= 1;
                }
                return position;
            }
        });
    }
}
