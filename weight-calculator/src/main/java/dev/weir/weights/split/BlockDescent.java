package dev.weir.weights.split;

import java.util.Arrays;

/**
 * Solves a {@link SplitProblem} by block coordinate descent: pool after pool is filled to its exact {@link WaterLevel} on
 * top of what the others put on the same providers, {@code b'_k = b_k + H (x_k - own flow)}.
 *
 * <p>The objective is convex and each block has a unique minimiser, so the sweeps converge (Grippo and Sciandrone, "On
 * the convergence of the block nonlinear Gauss-Seidel method under convex constraints", Oper. Res. Lett. 26, 2000); it
 * falls in every step, so stopping early costs a bounded delay and never stability (docs/theory.md). A start from the
 * flows of the tick before needs one to three sweeps. One sweep costs {@code O(E)}; nothing is allocated after the
 * first call at a size.
 */
public final class BlockDescent {
    /** KKT residual, seconds of level, at which a tick stops. */
    public static final double TICK_TOLERANCE_SECONDS = 0.001;

    /** Sweeps after which a tick stops anyway. */
    public static final int TICK_SWEEPS = 50;

    private final WaterLevel waterLevel = new WaterLevel();
    private double[] load = new double[0];
    private double[] backlog = new double[0];
    private double[] capacity = new double[0];

    /**
     * @param flow start and result, work units per second per member, {@code E} long; scaled to the demand first
     * @param level result, {@code L_t} seconds per pool, {@code T} long; 0 for a pool without open members
     * @param toleranceSeconds KKT residual at which it stops
     * @param maxSweeps sweeps after which it stops, {@code >= 1}
     * @return sweeps made
     */
    public int solve(SplitProblem problem, double[] flow, double[] level, double toleranceSeconds, int maxSweeps) {
        grow(problem);
        start(problem, flow);
        int sweeps = 0;
        while (sweeps < maxSweeps) {
            for (int t = 0; t < problem.pools(); t++) {
                level[t] = fill(problem, t, flow);
            }
            sweeps++;
            if (residual(problem, flow) <= toleranceSeconds) {
                break;
            }
        }
        return sweeps;
    }

    /**
     * By how much the flows miss optimality: over pools, the largest excess of a used provider's drain time
     * {@code (b_k + H x_k) / mu_k} over the smallest one open to that pool. Seconds. Uses the loads of the last solve.
     */
    private double residual(SplitProblem p, double[] flow) {
        double worst = 0;
        for (int t = 0; t < p.pools(); t++) {
            double lowest = Double.POSITIVE_INFINITY;
            double highest = Double.NEGATIVE_INFINITY;
            for (int e = p.poolStart[t]; e < p.poolStart[t + 1]; e++) {
                if (p.open[e]) {
                    int k = p.provider[e];
                    double drain = (p.backlog[k] + p.horizon * load[k]) / p.capacity[k];
                    lowest = Math.min(lowest, drain);
                    if (flow[e] > 0) {
                        highest = Math.max(highest, drain);
                    }
                }
            }
            worst = Math.max(worst, highest - lowest);
        }
        return worst;
    }

    private double fill(SplitProblem p, int t, double[] flow) {
        int from = p.poolStart[t];
        int to = p.poolStart[t + 1];
        int n = 0;
        for (int e = from; e < to; e++) {
            if (p.open[e]) {
                int k = p.provider[e];
                load[k] = Math.max(0, load[k] - flow[e]);
                backlog[n] = p.backlog[k] + p.horizon * load[k];
                capacity[n] = p.capacity[k];
                n++;
            }
        }
        if (n == 0) {
            return 0;
        }
        double level = waterLevel.find(backlog, capacity, n, p.demand[t] * p.horizon);
        n = 0;
        for (int e = from; e < to; e++) {
            if (p.open[e]) {
                flow[e] = Math.max(0, (level * capacity[n] - backlog[n]) / p.horizon);
                load[p.provider[e]] += flow[e];
                n++;
            }
        }
        return level;
    }

    /** Scales what flowed before to the demand of now and sums it per provider; a pool without any starts empty. */
    private void start(SplitProblem p, double[] flow) {
        Arrays.fill(load, 0, p.capacity.length, 0);
        for (int t = 0; t < p.pools(); t++) {
            double sum = 0;
            for (int e = p.poolStart[t]; e < p.poolStart[t + 1]; e++) {
                flow[e] = p.open[e] ? flow[e] : 0;
                sum += flow[e];
            }
            double scale = sum > 0 ? p.demand[t] / sum : 0;
            for (int e = p.poolStart[t]; e < p.poolStart[t + 1]; e++) {
                flow[e] *= scale;
                load[p.provider[e]] += flow[e];
            }
        }
    }

    private void grow(SplitProblem p) {
        if (load.length < p.capacity.length) {
            load = new double[p.capacity.length];
        }
        int widest = 0;
        for (int t = 0; t < p.pools(); t++) {
            widest = Math.max(widest, p.poolStart[t + 1] - p.poolStart[t]);
        }
        if (backlog.length < widest) {
            backlog = new double[widest];
            capacity = new double[widest];
        }
    }
}
