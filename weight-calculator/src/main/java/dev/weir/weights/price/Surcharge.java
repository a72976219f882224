package dev.weir.weights.price;

/**
 * What a provider costs on top of its pool's base price because it is fuller than the others:
 *
 * <pre>  factor = 1 + 0.25 min(1, (pi_k - min_j pi_j) / 2 s),      pi_k = (b_k + H x_k) / mu_k seconds</pre>
 *
 * {@code pi} is the dual price of the split: all providers in use have the pool's level, one with more backlog than that
 * has more. Averaged over 5 s, the time between publications, and bounded at a quarter: base fees of their own per
 * provider would make price-takers herd.
 */
public final class Surcharge {
    private static final double MAX = 0.25;
    private static final double FULL_SECONDS = 2;
    private static final double TAU_SECONDS = 5;

    private double excess = Double.NaN;

    /**
     * @param excessSeconds {@code pi_k - min_j pi_j >= 0}
     * @param dt seconds
     */
    public void observe(double excessSeconds, double dt) {
        double bounded = Math.max(0, Math.min(FULL_SECONDS, excessSeconds));
        if (Double.isNaN(excess)) {
            excess = bounded;
        } else {
            excess += (bounded - excess) * (1 - StrictMath.exp(-dt / TAU_SECONDS));
        }
    }

    /** 1 to 1.25. */
    public double factor() {
        return Double.isNaN(excess) ? 1 : 1 + MAX * excess / FULL_SECONDS;
    }
}
