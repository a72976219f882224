package dev.weir.weights;

import dev.weir.weights.split.BlockDescent;
import dev.weir.weights.split.BurstPlan;
import dev.weir.weights.split.ExpectedQueue;
import dev.weir.weights.split.LargestRemainder;
import dev.weir.weights.split.PredictedDelay;
import dev.weir.weights.split.SplitProblem;
import dev.weir.weights.split.WeightBounds;
import java.util.Arrays;

/** One membership's split: states the problem, solves it, rounds it. Arrays are per member, pool or provider. */
final class Splitter {
    /** A pool without demand is split as for this share of its capacity, so that something decides. */
    private static final double MIN_DEMAND = 0.01;

    /** Probe traffic to a stalled provider: requests per second, share of its capacity, share of the pool's traffic. */
    private static final double PROBE_RATE = 0.5;

    private static final double PROBE_CAPACITY = 0.01;
    private static final double PROBE_SHARE = 0.02;
    /** Of a pool's traffic, at most this much is sent against the split's will. */
    private static final double PROBE_SHARES = 0.1;

    final SplitProblem problem;
    /** Per pool: expected drain time where its requests go, seconds. */
    final double[] level;

    private final double[] waterLevel;
    final int[] weight;
    private final Topology topology;
    private final Backlogs backlogs;
    private final BlockDescent descent = new BlockDescent();
    private final LargestRemainder remainder = new LargestRemainder();
    private final PredictedDelay delay = new PredictedDelay();
    private final ExpectedQueue queue;
    private final BurstPlan burst = new BurstPlan();
    private final double[] flow;
    /** What the weights follow: the flows, and bursts where there is next to none. */
    private final double[] plan;

    private final double[] residue;
    private final double[] carry;
    private final int[] pools;
    private final int[] members;
    private final double[] openShare;
    private final double[] openResidue;
    private final double[] openCarry;
    private final int[] openWeight;
    private final int[] openCap;
    private final int[] openLeast;
    private final double[] load;

    Splitter(Topology topology, double tickSeconds) {
        this.topology = topology;
        this.backlogs = new Backlogs(topology, tickSeconds);
        int n = topology.members();
        queue = new ExpectedQueue(topology.providers());
        problem = new SplitProblem(topology.poolStart, topology.provider, topology.providers());
        level = new double[topology.pools()];
        waterLevel = new double[topology.pools()];
        weight = new int[n];
        flow = new double[n];
        plan = new double[n];
        residue = new double[n];
        carry = new double[n];
        pools = new int[topology.providers()];
        members = new int[n];
        openShare = new double[n];
        openResidue = new double[n];
        openCarry = new double[n];
        openWeight = new int[n];
        openCap = new int[n];
        openLeast = new int[n];
        load = new double[topology.providers()];
        for (int e = 0; e < n; e++) {
            pools[topology.provider[e]] += topology.usable[e] ? 1 : 0;
        }
    }

    /**
     * Writes this tick's split down as a problem to be solved.
     *
     * @param costSeconds {@code V}
     */
    void formulate(Membership now, double costSeconds) {
        open(now);
        backlogs.formulate(now, costSeconds, problem, queue);
        for (int t = 0; t < topology.pools(); t++) {
            double capacity = 0;
            for (int e = problem.poolStart[t]; e < problem.poolStart[t + 1]; e++) {
                capacity += problem.open[e] ? problem.capacity[problem.provider[e]] : 0;
            }
            problem.demand[t] = capacity > 0 ? Math.max(now.demand[t], MIN_DEMAND * capacity) : 1;
        }
    }

    /**
     * Marks the members that may have traffic: regular ones that serve; if there are none, standbys that serve; if there are
     * none, all that have declared capacity, because where all are silent, silence tells nobody from another.
     */
    private void open(Membership now) {
        for (int t = 0; t < topology.pools(); t++) {
            int best = 0;
            for (int e = problem.poolStart[t]; e < problem.poolStart[t + 1]; e++) {
                best = Math.max(best, rank(now, e));
            }
            for (int e = problem.poolStart[t]; e < problem.poolStart[t + 1]; e++) {
                problem.open[e] = best > 0 && rank(now, e) == best;
            }
        }
    }

    private int rank(Membership now, int e) {
        if (!topology.usable[e]) {
            return 0;
        }
        if (!now.providers[topology.provider[e]].status().takesTraffic()) {
            return 0;
        }
        return (serves(now, e) ? 2 : 0) + (now.in.retryOnly[e] ? 1 : 2);
    }

    private static int most(Membership now, int e) {
        return now.in.retryOnly[e] ? 1 : Proposal.TOTAL_WEIGHT;
    }

    private boolean serves(Membership now, int e) {
        boolean answers = now.in.refusal[e] == 0 && !now.members[e].silent();
        return answers && now.providers[topology.provider[e]].serves();
    }

    /** Splits by water-filling. */
    void fill() {
        descent.solve(problem, flow, waterLevel, BlockDescent.TICK_TOLERANCE_SECONDS, BlockDescent.TICK_SWEEPS);
        burst.plan(problem, queue, flow, plan);
    }

    /** The declared capacities as fixed weights, and no carried residue: the same declarations give the same weights. */
    void fixed(double[] declared) {
        for (int e = 0; e < flow.length; e++) {
            flow[e] = problem.open[e] ? declared[problem.provider[e]] : 0;
        }
        System.arraycopy(flow, 0, plan, 0, plan.length);
        Arrays.fill(residue, 0);
    }

    /** Whole weights; probe traffic is a share of {@code now.requestRate}. */
    void round(Membership now) {
        for (int t = 0; t < topology.pools(); t++) {
            round(t, now, now.requestRate[t]);
        }
    }

    private void round(int t, Membership now, double requestRate) {
        int n = 0;
        int left = Proposal.TOTAL_WEIGHT;
        for (int e = problem.poolStart[t]; e < problem.poolStart[t + 1]; e++) {
            n += problem.open[e] ? 1 : 0;
        }
        double mostProbes = Math.min(PROBE_SHARE, PROBE_SHARES / Math.max(1, n));
        n = 0;
        int leastSum = 0;
        for (int e = problem.poolStart[t]; e < problem.poolStart[t + 1]; e++) {
            weight[e] = 0;
            carry[e] = 0;
            if (problem.open[e]) {
                members[n] = e;
                openShare[n] = plan[e];
                openResidue[n] = residue[e];
                openCap[n] = most(now, e);
                openLeast[n] = probe(t, e, now, requestRate, mostProbes);
                leastSum += openLeast[n];
                n++;
            } else if (rank(now, e) > 0) {
                boolean retryOnly = now.in.retryOnly[e] || serves(now, e);
                weight[e] = retryOnly ? 1 : probe(t, e, now, requestRate, PROBE_SHARE);
                left -= weight[e];
            }
        }
        if (n == 0 || leastSum > left) {
            spread(n, left);
            return;
        }
        WeightBounds.apply(openShare, openLeast, openCap, n, left);
        remainder.round(openShare, openResidue, 0, n, left - leastSum, openWeight, openCarry);
        for (int i = 0; i < n; i++) {
            weight[members[i]] = openWeight[i] + openLeast[i];
            carry[members[i]] = openCarry[i];
        }
    }

    /** More members than weight to give each one: by share alone. */
    private void spread(int n, int left) {
        if (n > 0) {
            Arrays.fill(openResidue, 0, n, 0);
            remainder.round(openShare, openResidue, 0, n, left, openWeight, openCarry);
            for (int i = 0; i < n; i++) {
                weight[members[i]] = openWeight[i];
            }
        }
    }

    /**
     * The least weight of a member: enough to notice that a suspended provider is back and to keep the picture of an avoided
     * one fresh, and 1 in any case, because a retry never finds a member without weight.
     */
    private int probe(int t, int e, Membership now, double requestRate, double mostShare) {
        int k = problem.provider[e];
        double capacity = PROBE_CAPACITY * now.providers[k].standing();
        // a refusal costs a provider nothing, so who refuses is asked again without regard to what it can do
        double most = now.in.refusal[e] > 0
                ? PROBE_RATE
                : Math.min(PROBE_RATE, capacity / now.in.workPerRequest[t]) / pools[k];
        double share = requestRate > 0 ? Math.min(mostShare, most / requestRate) : mostShare;
        return (int) Math.max(1, Math.min(most(now, e), Math.round(share * Proposal.TOTAL_WEIGHT)));
    }

    /** Drain time: predicted mean seconds that a request's work is done sooner under the new weights than {@code inForce}. */
    double saved(int[] inForce) {
        double saved = (delay.of(problem, inForce) - delay.of(problem, weight)) / (demand() * problem.horizon);
        return Double.isFinite(saved) ? saved : 0;
    }

    /** Waiting: predicted mean seconds that a request waits less under the new weights than under {@code inForce}. */
    double savedWait(int[] inForce) {
        double saved = (queue.of(problem, inForce) - queue.of(problem, weight)) / demand();
        return Double.isFinite(saved) ? saved : 0;
    }

    /** Seconds that a request of a burst would wait less, should one come, {@link BurstPlan}. */
    double savedInBurst(int[] inForce) {
        double saved = burst.saved(problem, queue, flow, inForce, weight);
        return Double.isFinite(saved) ? saved : 0;
    }

    private double demand() {
        double demand = 0;
        for (int t = 0; t < topology.pools(); t++) {
            demand += problem.demand[t];
        }
        return demand;
    }

    /**
     * What the weights lead to at the offered demand.
     *
     * @param demand per pool, work units per second
     * @param utilisation result per pool, {@code u_t = sum_k p_tk x_k / mu_k}; infinite where nobody serves
     * @param excess result per member: its dual price {@code (b_k + H x_k) / mu_k}, slack and cost included, above the
     *     least of its pool, seconds
     */
    void utilisation(double[] demand, double[] utilisation, double[] excess) {
        Arrays.fill(load, 0);
        for (int t = 0; t < topology.pools(); t++) {
            for (int e = problem.poolStart[t]; e < problem.poolStart[t + 1]; e++) {
                load[problem.provider[e]] += problem.open[e] ? demand[t] * weight[e] / Proposal.TOTAL_WEIGHT : 0;
            }
        }
        for (int t = 0; t < topology.pools(); t++) {
            outlook(t, demand[t], utilisation, excess);
        }
    }

    private void outlook(int t, double demand, double[] utilisation, double[] excess) {
        double least = Double.POSITIVE_INFINITY;
        double used = 0;
        boolean any = false;
        level[t] = 0;
        for (int e = problem.poolStart[t]; e < problem.poolStart[t + 1]; e++) {
            excess[e] = 0;
            if (problem.open[e]) {
                int k = problem.provider[e];
                double share = (double) weight[e] / Proposal.TOTAL_WEIGHT;
                used += share * load[k] / problem.capacity[k];
                double planned = problem.horizon * load[k];
                level[t] += share * (backlogs.of(k) + planned) / problem.capacity[k];
                excess[e] = (problem.backlog[k] + planned) / problem.capacity[k];
                least = Math.min(least, excess[e]);
                any = true;
            }
        }
        utilisation[t] = demand <= 0 ? 0 : any ? used : Double.POSITIVE_INFINITY;
        for (int e = problem.poolStart[t]; e < problem.poolStart[t + 1]; e++) {
            excess[e] = problem.open[e] ? Math.max(0, excess[e] - least) : 0;
        }
    }

    double meanServiceSeconds() {
        return backlogs.meanServiceSeconds();
    }

    /** Takes note that the weights are released: what rounding owes counts from now on. */
    void released() {
        System.arraycopy(carry, 0, residue, 0, carry.length);
    }
}
