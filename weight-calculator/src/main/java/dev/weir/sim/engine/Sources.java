package dev.weir.sim.engine;

import dev.weir.sim.Arrivals;
import dev.weir.sim.Law;
import dev.weir.sim.Scenario;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Where requests come from: one source per Poisson pool, several per bursty pool. Each has its own random numbers, so what
 * comes when does not depend on the policy.
 */
final class Sources {
    private final List<Source> all = new ArrayList<>();

    Sources(Scenario scenario, SplittableRandom random) {
        for (int p = 0; p < scenario.pools().size(); p++) {
            Scenario.Pool pool = scenario.pools().get(p);
            if (pool.rate() == 0) {
                continue;
            }
            if (pool.arrivals() instanceof Arrivals.OnOff burst) {
                double share = burst.duty() + (1 - burst.duty()) * burst.idleShare();
                double on = pool.rate() / burst.sources() / share;
                double offSeconds = burst.onSeconds() * (1 - burst.duty()) / burst.duty();
                for (int s = 0; s < burst.sources(); s++) {
                    all.add(new Source(
                            p,
                            on,
                            on * burst.idleShare(),
                            burst.onSeconds(),
                            offSeconds,
                            burst.duty(),
                            random.split()));
                }
            } else {
                all.add(new Source(p, pool.rate(), 0, Double.POSITIVE_INFINITY, 0, 1, random.split()));
            }
        }
    }

    int count() {
        return all.size();
    }

    int pool(int source) {
        return all.get(source).pool;
    }

    /** Time of a source's next request after {@code now}; infinite when there is none. */
    double next(int source, double now) {
        return all.get(source).next(now);
    }

    /** A source's rates from now on are {@code factor} times those of the scenario. */
    void scale(int source, double factor) {
        all.get(source).factor = factor;
    }

    private static final class Source {
        final int pool;
        private final double onRate;
        private final double offRate;
        private final double onSeconds;
        private final double offSeconds;
        private final SplittableRandom random;
        private double factor = 1;
        private boolean on;
        private double toggle;

        Source(
                int pool,
                double onRate,
                double offRate,
                double onSeconds,
                double offSeconds,
                double duty,
                SplittableRandom random) {
            this.pool = pool;
            this.onRate = onRate;
            this.offRate = offRate;
            this.onSeconds = onSeconds;
            this.offSeconds = offSeconds;
            this.random = random;
            this.on = random.nextDouble() < duty;
            this.toggle = stay();
        }

        /** Times between requests have no memory, so a switch on the way just starts the draw again from there. */
        double next(double now) {
            double from = now;
            while (true) {
                double rate = factor * (on ? onRate : offRate);
                double at = rate > 0 ? from + Law.exponential(random) / rate : Double.POSITIVE_INFINITY;
                if (at <= toggle || toggle == Double.POSITIVE_INFINITY) {
                    return at;
                }
                from = toggle;
                on = !on;
                toggle += stay();
            }
        }

        private double stay() {
            double mean = on ? onSeconds : offSeconds;
            return mean == Double.POSITIVE_INFINITY ? mean : mean * Law.exponential(random);
        }
    }
}
