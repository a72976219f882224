package dev.weir.weights.split;

import java.util.Arrays;

/**
 * Head-room in proportion to the square root of capacity.
 *
 * <pre>  o_k = min(kappa sqrt(mu_k), 0.75 mu_k) (H + S_k),     kappa = (1 - rho)^+ sum mu / (2 sum sqrt(mu))</pre>
 *
 * work units, added to the backlog. Equal utilisation is not best for unequal sizes: with waiting of the kind
 * {@code f / (mu - f)} the sum is least when the slack {@code mu_k - f_k} goes with {@code sqrt(mu_k)} (Kleinrock, Queueing
 * Systems II, 1976, capacity assignment), so small providers are kept emptier. The offset is bounded, so the throughput
 * guarantee stands (docs/theory.md); it vanishes as {@code rho} goes to 1. {@code rho} is the peak load of the providers that
 * share pools. Sums are taken per such group. Below a tenth of its capacity the offset fades to nothing: there is no
 * waiting to save, and a mesh without traffic is split by capacity alone.
 *
 * <p>Half of the slack goes by the square root, half by capacity. All of it would be best while demand rests; but it fills
 * the large providers first in a burst that nobody foresaw, and half keeps four fifths of the gain (docs/theory.md).
 *
 * <p>{@code O(K)}, allocates nothing after the first call at a size.
 */
public final class SquareRootSlack {
    private static final double BY_SQUARE_ROOT = 0.5;
    private static final double MAX = 0.75;
    private static final double WHOLE_LOAD = 0.1;

    private double[] capacity = new double[0];
    private double[] roots = new double[0];

    /**
     * @param group {@code K}: providers that share pools have the same number, {@code 0 .. K - 1}
     * @param open {@code K}: which providers count
     * @param mu {@code K}, work units per second, {@code > 0}
     * @param serviceSeconds {@code K}, {@code S_k}
     * @param peak per group, work units per second
     * @param horizon {@code H}, seconds
     * @param offset result, {@code K}, work units; 0 for those that do not count
     */
    public void offsets(
            int[] group,
            boolean[] open,
            double[] mu,
            double[] serviceSeconds,
            double[] peak,
            double horizon,
            double[] offset) {
        int n = group.length;
        if (capacity.length < n) {
            capacity = new double[n];
            roots = new double[n];
        }
        Arrays.fill(capacity, 0, n, 0);
        Arrays.fill(roots, 0, n, 0);
        for (int k = 0; k < n; k++) {
            if (open[k]) {
                capacity[group[k]] += mu[k];
                roots[group[k]] += Math.sqrt(mu[k]);
            }
        }
        for (int k = 0; k < n; k++) {
            int g = group[k];
            if (!open[k]) {
                offset[k] = 0;
                continue;
            }
            double slack = BY_SQUARE_ROOT * Math.max(0, capacity[g] - peak[g]) / roots[g];
            double fade = Math.min(1, peak[g] / (WHOLE_LOAD * capacity[g]));
            offset[k] = fade * Math.min(slack * Math.sqrt(mu[k]), MAX * mu[k]) * (horizon + serviceSeconds[k]);
        }
    }
}
