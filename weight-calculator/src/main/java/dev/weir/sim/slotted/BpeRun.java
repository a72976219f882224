package dev.weir.sim.slotted;

import dev.weir.sim.Law;
import dev.weir.sim.engine.Slope;
import dev.weir.sim.policy.Answer;
import dev.weir.sim.policy.Rule;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The convergence experiment of backpressure economics (BPE): 50 sinks of capacity U[10, 100] and stake U[100, 1000], ten
 * sources of flow U[50, 200], three task types by turns. Each step a sink reports its capacity with 5 % noise, cut to the
 * root of its stake, smoothed by {@code .3 new + .7 old}; a rule splits the flow; what a sink cannot take queues up there.
 *
 * <p>Efficiency is {@code sum min(F, C) / sum F} over the last hundred steps. The published script let its queue leak by a
 * tenth each step; here it holds what it was given.
 */
public final class BpeRun {
    private static final int SINKS = 50;
    private static final int SOURCES = 10;
    private static final int TYPES = 3;
    private static final int STEPS = 1000;
    private static final int TAIL = 100;
    private static final double ALPHA = 0.3;
    private static final double NOISE = 0.05;
    private static final int GRAIN = 200;

    private BpeRun() {}

    /** What caps a report. */
    public enum Cap {
        ROOT_OF_STAKE,
        NONE
    }

    /**
     * A case.
     *
     * @param load demand of each type over its true capacity; 0 = as drawn
     * @param liars share of sinks that report twice their capacity
     * @param delay age of the queues that a rule sees, steps
     * @param shockAt step from which the first fifth of the sinks has no capacity; 0 = never
     * @param recoverAt step from which it has again; 0 = never
     */
    public record Case(double load, Cap cap, double liars, int delay, int shockAt, int recoverAt) {
        public static final Case AS_PUBLISHED = new Case(0, Cap.ROOT_OF_STAKE, 0, 0, 0, 0);

        /** The same without liars, delay and shock. */
        public static Case of(double load, Cap cap) {
            return new Case(load, cap, 0, 0, 0, 0);
        }
    }

    /**
     * @param efficiency mean of the last hundred steps
     * @param slope growth of all queues per step, least squares over the second half
     * @param backlog all queues at the end
     * @param settled steps after the shock until efficiency stays within 1 % of 1 up to the recovery; -1 without a shock
     * @param recovered the same after the recovery, up to the end
     */
    public record Outcome(double efficiency, double slope, double backlog, int settled, int recovered) {}

    /** Splits that need no queue. */
    public enum Blind {
        /** by smoothed reports: the published rule and what its contract pays out by */
        PROPORTIONAL,
        /** equal parts */
        ROUND_ROBIN,
        /** uniformly random parts, new each step */
        RANDOM
    }

    public static Outcome run(Case of, Blind blind, int seed) {
        return run(of, null, blind, seed);
    }

    public static Outcome run(Case of, Rule.Maker maker, int seed) {
        return run(of, maker, Blind.PROPORTIONAL, seed);
    }

    private static Outcome run(Case of, Rule.@Nullable Maker maker, Blind blind, int seed) {
        NumpyRandom draws = new NumpyRandom(seed);
        double[] capacity = new double[SINKS];
        double[] cap = new double[SINKS];
        for (int k = 0; k < SINKS; k++) {
            capacity[k] = draws.uniform(10, 100);
            double stake = draws.uniform(100, 1000);
            cap[k] = of.cap() == Cap.NONE ? Double.POSITIVE_INFINITY : Math.sqrt(stake);
        }
        double[] flow = new double[TYPES];
        for (int i = 0; i < SOURCES; i++) {
            flow[i % TYPES] += draws.uniform(50, 200);
        }
        Network network = BpeNetwork.of(capacity, flow, of.load());
        double[] smoothed = capacity.clone();
        SplittableRandom random = new SplittableRandom(seed);
        Rule rule = maker == null ? null : maker.make(network.scenario(GRAIN, smoothed), Network.SLOT_SECONDS);
        FluidQueues queues = new FluidQueues(network, GRAIN, of.delay());
        double[] now = capacity.clone();
        double[] efficiency = new double[STEPS];
        int[][] weights = new int[0][];
        Slope slope = new Slope();
        for (int step = 0; step < STEPS; step++) {
            if (of.shockAt() > 0 && step == of.shockAt()) {
                Arrays.fill(now, 0, SINKS / 5, 0);
            }
            if (of.recoverAt() > 0 && step == of.recoverAt()) {
                now = capacity.clone();
            }
            report(of, now, cap, smoothed, random);
            double[] received = new double[SINKS];
            if (rule != null) {
                Answer answer = rule.tick(queues.observe(step, smoothed));
                weights = answer.push() ? answer.weights() : weights;
            }
            int cell = 0;
            for (int t = 0; t < TYPES; t++) {
                double[] shares = rule != null ? shares(weights[t]) : shares(network, t, smoothed, blind, random);
                for (int i = 0; i < shares.length; i++) {
                    double work = network.rates().get(t) * shares[i];
                    received[network.members().get(t).get(i)] += work;
                    queues.add(cell++, work);
                }
            }
            queues.serve(now);
            efficiency[step] = efficiency(received, now);
            if (step >= STEPS / 2) {
                slope.add(step, queues.total());
            }
        }
        double tail = Arrays.stream(efficiency, STEPS - TAIL, STEPS).average().orElseThrow();
        int until = of.recoverAt() > 0 ? of.recoverAt() : STEPS;
        return new Outcome(
                tail,
                slope.value(),
                queues.total(),
                of.shockAt() > 0 ? settled(efficiency, of.shockAt(), until) : -1,
                of.recoverAt() > 0 ? settled(efficiency, of.recoverAt(), STEPS) : -1);
    }

    private static void report(Case of, double[] now, double[] cap, double[] smoothed, SplittableRandom random) {
        for (int k = 0; k < SINKS; k++) {
            double radius = StrictMath.sqrt(2 * Law.exponential(random));
            double normal = radius * StrictMath.cos(2 * Math.PI * random.nextDouble());
            boolean lies = k < of.liars() * SINKS;
            double raw = lies ? 2 * now[k] : Math.max(0, now[k] * (1 + NOISE * normal));
            smoothed[k] = ALPHA * Math.min(raw, cap[k]) + (1 - ALPHA) * smoothed[k];
        }
    }

    private static double[] shares(int[] weights) {
        double total = Arrays.stream(weights).asLongStream().sum();
        return Arrays.stream(weights).mapToDouble(w -> w / total).toArray();
    }

    private static double[] shares(Network network, int type, double[] smoothed, Blind blind, SplittableRandom random) {
        double[] shares = network.members().get(type).stream()
                .mapToDouble(k -> switch (blind) {
                    case PROPORTIONAL -> smoothed[k];
                    case ROUND_ROBIN -> 1;
                    case RANDOM -> Law.exponential(random);
                })
                .toArray();
        double sum = Arrays.stream(shares).sum();
        return Arrays.stream(shares).map(s -> s / sum).toArray();
    }

    private static double efficiency(double[] received, double[] capacity) {
        double productive = 0;
        double all = 0;
        for (int k = 0; k < received.length; k++) {
            productive += Math.min(received[k], capacity[k]);
            all += received[k];
        }
        return productive / all;
    }

    private static int settled(double[] efficiency, int from, int to) {
        int last = from;
        for (int step = from; step < to; step++) {
            if (efficiency[step] < 0.99) {
                last = step + 1;
            }
        }
        return last - from;
    }
}
