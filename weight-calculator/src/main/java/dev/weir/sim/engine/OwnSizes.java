package dev.weir.sim.engine;

import dev.weir.sim.Law;
import java.util.SplittableRandom;

/**
 * Job sizes at providers whose service times vary in a way of their own. A request has one size at one provider, whatever the
 * policy and the order of events, so that policies are compared on the same requests.
 */
final class OwnSizes {
    private static final long ODD = 0x9e3779b97f4a7c15L;

    private final long seed;

    OwnSizes(long seed) {
        this.seed = seed;
    }

    /** @param number of the request */
    double draw(Law law, long number, int provider) {
        return law.draw(new SplittableRandom((seed * ODD + number) * ODD + provider));
    }
}
