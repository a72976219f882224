package dev.weir.bench.loop;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Poisson arrivals of jobs. Gaps, sizes and pools come from streams of their own, so that another load keeps the sizes.
 *
 * @param phases in order of time; the first begins at 0
 * @param sizes distribution of job sizes
 * @param poolShares probability of each pool; sums to 1
 */
record Demand(List<Phase> phases, Sizes sizes, List<Double> poolShares) {
    /** @param perSecond mean calls per second from {@code fromSeconds} on, {@code > 0} */
    record Phase(double fromSeconds, double perSecond) {}

    Demand {
        phases = List.copyOf(phases);
        poolShares = List.copyOf(poolShares);
    }

    static Demand steady(double perSecond) {
        return new Demand(List.of(new Phase(0, perSecond)), Sizes.EXPONENTIAL, List.of(1.0));
    }

    /** The jobs of {@code seconds}; the same seed gives the same jobs on every machine. */
    List<Job> jobs(long seed, double seconds) {
        Random gaps = new Random(seed);
        Random draws = new Random(seed ^ 0x5DEECE66DL);
        Random pools = new Random(seed ^ 0x2545F4914F6CDD1DL);
        List<Job> jobs = new ArrayList<>();
        int phase = 0;
        double at = 0;
        while (true) {
            // unit exponential "work" of the arrival process, spent at the rate of each phase
            double left = Sizes.EXPONENTIAL.draw(gaps);
            double end = end(phase, seconds);
            while (at + left / phases.get(phase).perSecond() > end && phase + 1 < phases.size()) {
                left -= (end - at) * phases.get(phase).perSecond();
                at = end;
                phase++;
                end = end(phase, seconds);
            }
            at += left / phases.get(phase).perSecond();
            if (at >= seconds) {
                return List.copyOf(jobs);
            }
            jobs.add(new Job(jobs.size(), (long) (at * 1e9), sizes.draw(draws), pool(pools.nextDouble())));
        }
    }

    private double end(int phase, double seconds) {
        return phase + 1 < phases.size() ? phases.get(phase + 1).fromSeconds() : seconds;
    }

    private int pool(double chance) {
        double sum = 0;
        for (int i = 0; i < poolShares.size() - 1; i++) {
            sum += poolShares.get(i);
            if (chance < sum) {
                return i;
            }
        }
        return poolShares.size() - 1;
    }
}
