package dev.weir.weights.split;

/**
 * What a split costs: {@code J(p) = sum_k (b_k + H x_k)^2 / (2 mu_k)} over the providers of open members, in work units
 * times seconds. {@code (J(p) - J(q)) / (H sum lambda)} is the mean time in seconds that a request is predicted to save
 * under {@code q}; releasing only above a gate {@code eta} adds {@code eta sum lambda} to the drift bound (docs/theory.md).
 *
 * <p>Providers without an open member (stalled, absent) are left out: with next to no capacity they would swamp the
 * difference and keep the gate shut just when it must open.
 */
public final class PredictedDelay {
    private double[] load = new double[0];

    /**
     * @param weight whole weights per member; a pool's sum is its scale
     * @return {@code J}, work units x seconds
     */
    public double of(SplitProblem p, int[] weight) {
        int providers = p.capacity.length;
        if (load.length < providers) {
            load = new double[providers];
        }
        p.loads(weight, load);
        double delay = 0;
        for (int k = 0; k < providers; k++) {
            if (!Double.isNaN(load[k])) {
                double work = p.backlog[k] + p.horizon * load[k];
                delay += work * work / (2 * p.capacity[k]);
            }
        }
        return delay;
    }
}
