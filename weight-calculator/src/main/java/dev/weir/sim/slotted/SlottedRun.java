package dev.weir.sim.slotted;

import dev.weir.sim.Law;
import dev.weir.sim.engine.Slope;
import dev.weir.sim.policy.Answer;
import dev.weir.sim.policy.Rule;
import java.util.SplittableRandom;

/**
 * A network in slotted time: each slot, classes bring Poisson numbers of grains, the split in force divides them, providers
 * serve up to their capacity.
 */
public final class SlottedRun {
    /** Requests per unit of work. */
    public static final int GRAIN = 20;

    private SlottedRun() {}

    /**
     * @param slope growth of all work per slot, least squares over the second half
     * @param mean mean work in the network after service
     * @param last work at the end
     */
    public record Outcome(double slope, double mean, double last) {}

    /** How demand comes. */
    public enum Demand {
        /** Poisson numbers */
        STEADY,
        /** Poisson with each class on for a fifth of the time at 2.6 times its rate, else at .6 times */
        BURSTY
    }

    /**
     * @param delay age of what the rule sees, slots
     * @param slots how long
     */
    public static Outcome run(Network network, Rule.Maker maker, Demand demand, int delay, int slots, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] capacity = network.honest();
        Rule rule = maker.make(network.scenario(GRAIN, capacity), Network.SLOT_SECONDS);
        FluidQueues queues = new FluidQueues(network, GRAIN, delay);
        Burst[] bursts = new Burst[network.rates().size()];
        for (int t = 0; t < bursts.length; t++) {
            bursts[t] = new Burst(random.split());
        }
        int[][] weights = new int[0][];
        Slope slope = new Slope();
        double sum = 0;
        for (int slot = 0; slot < slots; slot++) {
            Answer answer = rule.tick(queues.observe(slot, capacity));
            if (answer.push()) {
                weights = answer.weights();
            }
            int cell = 0;
            for (int t = 0; t < bursts.length; t++) {
                double factor = demand == Demand.BURSTY ? bursts[t].next() : 1;
                double work = (double) poisson(network.rates().get(t) * factor * GRAIN, random) / GRAIN;
                long total = 0;
                for (int weight : weights[t]) {
                    total += weight;
                }
                for (int weight : weights[t]) {
                    queues.add(cell++, work * weight / total);
                }
            }
            queues.serve(capacity);
            sum += queues.total();
            if (slot >= slots / 2) {
                slope.add(slot, queues.total());
            }
        }
        return new Outcome(slope.value(), sum / slots, queues.total());
    }

    /** Knuth's method, split for large means so that the product does not vanish. */
    static long poisson(double mean, SplittableRandom random) {
        long count = 0;
        double left = mean;
        while (left > 0) {
            double part = Math.min(left, 50);
            left -= part;
            double limit = StrictMath.exp(-part);
            double product = random.nextDouble();
            while (product > limit) {
                count++;
                product *= random.nextDouble();
            }
        }
        return count;
    }

    /** On and off by turns, exponential lengths of 5 and 20 slots in the mean. */
    private static final class Burst {
        private final SplittableRandom random;
        private boolean on;
        private double left;

        Burst(SplittableRandom random) {
            this.random = random;
        }

        double next() {
            if (left <= 0) {
                on = !on;
                left = (on ? 5 : 20) * Law.exponential(random);
            }
            left--;
            return on ? 2.6 : 0.6;
        }
    }
}
