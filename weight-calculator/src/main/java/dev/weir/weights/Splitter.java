package dev.weir.weights;

import dev.weir.weights.Proposal.Status;
import dev.weir.weights.split.BlockDescent;
import dev.weir.weights.split.LargestRemainder;
import dev.weir.weights.split.PredictedDelay;
import dev.weir.weights.split.Problem;
import dev.weir.weights.split.WeightCaps;
import java.util.Arrays;

/** One membership's split: states the problem, solves it, rounds it. Arrays are per member, pool or provider. */
final class Splitter {
    /** What a pool's weights sum to. */
    static final int TOTAL = 1_000_000;

    /** A pool without demand is split as for this share of its capacity, so that something decides. */
    private static final double LEAST_DEMAND = 0.01;

    /** Probe traffic to a stalled provider: requests per second, share of its capacity, share of the pool's traffic. */
    private static final double PROBE_RATE = 0.5;

    private static final double PROBE_CAPACITY = 0.01;
    private static final double PROBE_SHARE = 0.02;

    private static final double LONGEST_HORIZON_SECONDS = 10;

    final Problem problem;
    final double[] level;
    final int[] weight;
    private final Topology topology;
    private final double tickSeconds;
    private final BlockDescent descent = new BlockDescent();
    private final LargestRemainder remainder = new LargestRemainder();
    private final PredictedDelay delay = new PredictedDelay();
    private final double[] flow;
    private final double[] residue;
    private final double[] carry;
    private final double[] leastService;
    private final int[] pools;
    private final int[] members;
    private final double[] openShare;
    private final double[] openResidue;
    private final double[] openCarry;
    private final int[] openWeight;
    private final int[] openCap;
    private final double[] load;
    private double meanServiceSeconds;

    Splitter(Topology topology, double tickSeconds) {
        this.topology = topology;
        this.tickSeconds = tickSeconds;
        int n = topology.members();
        problem = new Problem(topology.poolStart, topology.provider, topology.providers());
        level = new double[topology.pools()];
        weight = new int[n];
        flow = new double[n];
        residue = new double[n];
        carry = new double[n];
        leastService = new double[topology.providers()];
        pools = new int[topology.providers()];
        members = new int[n];
        openShare = new double[n];
        openResidue = new double[n];
        openCarry = new double[n];
        openWeight = new int[n];
        openCap = new int[n];
        load = new double[topology.providers()];
        for (int e = 0; e < n; e++) {
            pools[topology.provider[e]] += topology.usable[e] ? 1 : 0;
        }
    }

    /**
     * States the problem.
     *
     * @param totals per provider
     * @param demand per pool, work units per second
     */
    void state(Inputs in, ProviderTrack[] tracks, ProviderTotals[] totals, double[] demand) {
        open(in, tracks);
        horizon(in, tracks);
        backlog(in, tracks, totals);
        for (int t = 0; t < topology.pools(); t++) {
            double capacity = 0;
            for (int e = problem.poolStart[t]; e < problem.poolStart[t + 1]; e++) {
                capacity += problem.open[e] ? problem.capacity[problem.provider[e]] : 0;
            }
            problem.demand[t] = capacity > 0 ? Math.max(demand[t], LEAST_DEMAND * capacity) : 1;
        }
    }

    /**
     * Who may have traffic: regular members that serve; if there are none, standbys that serve; if there are none, whoever
     * has declared capacity, because where all are silent, silence tells nobody from another.
     */
    private void open(Inputs in, ProviderTrack[] tracks) {
        for (int t = 0; t < topology.pools(); t++) {
            int best = 0;
            for (int e = problem.poolStart[t]; e < problem.poolStart[t + 1]; e++) {
                best = Math.max(best, rank(in, tracks, e));
            }
            for (int e = problem.poolStart[t]; e < problem.poolStart[t + 1]; e++) {
                problem.open[e] = best > 0 && rank(in, tracks, e) == best;
            }
        }
    }

    private int rank(Inputs in, ProviderTrack[] tracks, int e) {
        if (!topology.usable[e] || in.weightCap[e] == 0) {
            return 0;
        }
        ProviderTrack track = tracks[topology.provider[e]];
        if (track.status() == Status.ABSENT) {
            return 0;
        }
        return (track.serves() ? 2 : 0) + (in.weightCap[e] > 1 ? 2 : 1);
    }

    /** {@code H = max(T, 2 D)}, D = age of the gauges plus half a tick; gauges that are too old to count do not count. */
    private void horizon(Inputs in, ProviderTrack[] tracks) {
        long oldest = 0;
        for (int k = 0; k < tracks.length; k++) {
            if (tracks[k].serves() && tracks[k].freshness() == 1) {
                oldest = Math.max(oldest, in.ageNanos[k]);
            }
        }
        double age = oldest * 1e-9 + tickSeconds / 2;
        problem.horizon = Math.min(LONGEST_HORIZON_SECONDS, Math.max(tickSeconds, 2 * age));
    }

    /**
     * {@code b_k = w (N - s)}, as far as the gauge is believed; for the rest a provider is taken to be as full as the others
     * on average. No lower than the free time of the fastest among those that share pools: else a slow provider's long
     * service time would look like room.
     */
    private void backlog(Inputs in, ProviderTrack[] tracks, ProviderTotals[] totals) {
        Arrays.fill(leastService, Double.POSITIVE_INFINITY);
        double known = 0;
        double knownCapacity = 0;
        double busy = 0;
        double capacity = 0;
        for (int k = 0; k < tracks.length; k++) {
            double mu = tracks[k].usableCapacity();
            problem.capacity[k] = mu > 0 ? mu : 1;
            double slots = in.slots[k] * tracks[k].usableSlots();
            problem.backlog[k] = totals[k].backlogWork() - slots * totals[k].workPerRequest();
            if (tracks[k].status() != Status.ABSENT) {
                int c = topology.component[k];
                leastService[c] = Math.min(leastService[c], slots * totals[k].workPerRequest() / problem.capacity[k]);
            }
        }
        for (int k = 0; k < tracks.length; k++) {
            double floor = -problem.capacity[k] * leastService[topology.component[k]];
            problem.backlog[k] = tracks[k].status() == Status.ABSENT ? 0 : Math.max(floor, problem.backlog[k]);
            if (tracks[k].serves()) {
                busy += tracks[k].serviceSeconds() * problem.capacity[k];
                capacity += problem.capacity[k];
                known += tracks[k].freshness() * problem.backlog[k];
                knownCapacity += tracks[k].freshness() * problem.capacity[k];
            }
        }
        meanServiceSeconds = capacity > 0 ? busy / capacity : 0;
        double mean = knownCapacity > 0 ? known / knownCapacity : 0;
        for (int k = 0; k < tracks.length; k++) {
            double fresh = tracks[k].freshness();
            problem.backlog[k] = fresh * problem.backlog[k] + (1 - fresh) * mean * problem.capacity[k];
        }
    }

    /** Water-filling. */
    void fill() {
        descent.solve(problem, flow, level, BlockDescent.TICK_TOLERANCE_SECONDS, BlockDescent.TICK_SWEEPS);
    }

    /** The declared capacities as fixed weights, and no carried residue: the same declarations give the same weights. */
    void fixed(double[] declared) {
        for (int t = 0; t < topology.pools(); t++) {
            double capacity = 0;
            double work = 0;
            for (int e = problem.poolStart[t]; e < problem.poolStart[t + 1]; e++) {
                int k = problem.provider[e];
                flow[e] = problem.open[e] ? declared[k] : 0;
                capacity += flow[e];
                work += problem.open[e] ? problem.backlog[k] : 0;
            }
            level[t] = capacity > 0 ? (work + problem.demand[t] * problem.horizon) / capacity : 0;
        }
        Arrays.fill(residue, 0);
    }

    /** @param requestRate per pool, requests per second; what probe traffic is a share of */
    void round(Inputs in, ProviderTrack[] tracks, double[] requestRate) {
        for (int t = 0; t < topology.pools(); t++) {
            round(t, in, tracks, requestRate[t]);
        }
    }

    private void round(int t, Inputs in, ProviderTrack[] tracks, double requestRate) {
        int n = 0;
        int left = TOTAL;
        for (int e = problem.poolStart[t]; e < problem.poolStart[t + 1]; e++) {
            weight[e] = 0;
            carry[e] = 0;
            if (problem.open[e]) {
                members[n] = e;
                openShare[n] = flow[e];
                openResidue[n] = residue[e];
                openCap[n] = in.weightCap[e];
                n++;
            } else if (rank(in, tracks, e) > 0) {
                weight[e] = closedWeight(t, e, in, tracks, requestRate);
                left -= weight[e];
            }
        }
        if (n == 0) {
            return;
        }
        // everyone that serves can be found by a retry, so none has less than 1
        int least = left >= n ? 1 : 0;
        WeightCaps.apply(openShare, openCap, n, left, least);
        remainder.round(openShare, openResidue, 0, n, left - least * n, openWeight, openCarry);
        for (int i = 0; i < n; i++) {
            weight[members[i]] = openWeight[i] + least;
            carry[members[i]] = openCarry[i];
        }
    }

    /** 1 for a retry target; for a stalled provider enough to notice that it is back. */
    private int closedWeight(int t, int e, Inputs in, ProviderTrack[] tracks, double requestRate) {
        int k = problem.provider[e];
        if (in.weightCap[e] == 1 || tracks[k].serves()) {
            return 1;
        }
        double rate = Math.min(PROBE_RATE, PROBE_CAPACITY * tracks[k].cap() / in.workPerRequest[t]) / pools[k];
        double share = requestRate > 0 ? Math.min(PROBE_SHARE, rate / requestRate) : PROBE_SHARE;
        return (int) Math.max(1, Math.min(in.weightCap[e], Math.round(share * TOTAL)));
    }

    /** Predicted mean seconds that a request saves under the new weights against {@code inForce}. */
    double saved(int[] inForce) {
        double demand = 0;
        for (int t = 0; t < topology.pools(); t++) {
            demand += problem.demand[t];
        }
        double saved = (delay.of(problem, inForce) - delay.of(problem, weight)) / (demand * problem.horizon);
        return Double.isFinite(saved) ? saved : 0;
    }

    /**
     * What the weights lead to at the offered demand.
     *
     * @param demand per pool, work units per second
     * @param utilisation result per pool, {@code u_t = sum_k p_tk x_k / mu_k}; infinite where nobody serves
     * @param excess result per member, {@code (b_k + H x_k) / mu_k} above the least of its pool, seconds
     */
    void utilisation(double[] demand, double[] utilisation, double[] excess) {
        Arrays.fill(load, 0);
        for (int t = 0; t < topology.pools(); t++) {
            for (int e = problem.poolStart[t]; e < problem.poolStart[t + 1]; e++) {
                load[problem.provider[e]] += problem.open[e] ? demand[t] * weight[e] / TOTAL : 0;
            }
        }
        for (int t = 0; t < topology.pools(); t++) {
            double least = Double.POSITIVE_INFINITY;
            double used = 0;
            boolean any = false;
            for (int e = problem.poolStart[t]; e < problem.poolStart[t + 1]; e++) {
                excess[e] = 0;
                if (problem.open[e]) {
                    int k = problem.provider[e];
                    used += (double) weight[e] / TOTAL * load[k] / problem.capacity[k];
                    excess[e] = (problem.backlog[k] + problem.horizon * load[k]) / problem.capacity[k];
                    least = Math.min(least, excess[e]);
                    any = true;
                }
            }
            utilisation[t] = demand[t] <= 0 ? 0 : any ? used : Double.POSITIVE_INFINITY;
            for (int e = problem.poolStart[t]; e < problem.poolStart[t + 1]; e++) {
                excess[e] = problem.open[e] ? Math.max(0, excess[e] - least) : 0;
            }
        }
    }

    /** Mean service time of the providers that serve, seconds, weighted with their capacity. */
    double meanServiceSeconds() {
        return meanServiceSeconds;
    }

    /** The weights are out: what rounding owes counts from now on. */
    void released() {
        System.arraycopy(carry, 0, residue, 0, carry.length);
    }
}
