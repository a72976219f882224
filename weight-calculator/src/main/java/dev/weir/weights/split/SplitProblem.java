package dev.weir.weights.split;

import java.util.Arrays;

/**
 * One tick's split as arrays: {@code T} pools, {@code K} providers, {@code E} members in pool order. Filled anew each
 * tick, allocated once per membership.
 *
 * <pre>
 *   minimise  sum_k (b_k + H x_k)^2 / (2 mu_k)      x_k = sum of the flows of k's members
 *   where     the flows of pool t's open members sum to demand_t, all >= 0; closed members have none
 * </pre>
 */
public final class SplitProblem {
    /** Pool {@code t}'s members are {@code poolStart[t] .. poolStart[t + 1] - 1}; {@code T + 1} long. */
    public final int[] poolStart;
    /** The provider of each member, {@code E} long; distinct among a pool's open members. */
    public final int[] provider;
    /** Which members may have flow, {@code E} long. */
    public final boolean[] open;
    /** {@code b_k}, work units, any sign, finite, {@code K} long. */
    public final double[] backlog;
    /** {@code b_k} without square-root slack: what waits, or could start at once below 0, {@code K} long. */
    public final double[] waiting;
    /** {@code mu_k}, work units per second, {@code > 0} for the providers of open members, {@code K} long. */
    public final double[] capacity;
    /** {@code lambda_t}, work units per second, {@code > 0}, {@code T} long. */
    public final double[] demand;
    /** {@code H}, seconds, {@code > 0}. */
    public double horizon = 1;

    public SplitProblem(int[] poolStart, int[] provider, int providers) {
        this.poolStart = poolStart.clone();
        this.provider = provider.clone();
        this.open = new boolean[provider.length];
        this.backlog = new double[providers];
        this.waiting = new double[providers];
        this.capacity = new double[providers];
        this.demand = new double[poolStart.length - 1];
    }

    /**
     * What each provider gets under a split.
     *
     * @param weight whole weights per member; a pool's sum is its scale
     * @param load work units per second, at least {@code K} long; NaN for a provider that no open member names
     */
    void loads(int[] weight, double[] load) {
        Arrays.fill(load, 0, capacity.length, Double.NaN);
        for (int t = 0; t < pools(); t++) {
            long sum = 0;
            for (int e = poolStart[t]; e < poolStart[t + 1]; e++) {
                sum += weight[e];
            }
            double perWeight = sum > 0 ? demand[t] / sum : 0;
            for (int e = poolStart[t]; e < poolStart[t + 1]; e++) {
                int k = provider[e];
                if (open[e]) {
                    load[k] = (Double.isNaN(load[k]) ? 0 : load[k]) + perWeight * weight[e];
                }
            }
        }
    }

    /** {@code T}. */
    public int pools() {
        return demand.length;
    }
}
