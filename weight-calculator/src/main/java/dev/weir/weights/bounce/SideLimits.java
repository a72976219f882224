package dev.weir.weights.bounce;

/**
 * What a provider's side is told.
 *
 * @param first most requests in flight that are first attempts, {@code >= 1}
 * @param further most that are not, {@code >= 1}
 * @param levelSeconds the queueing time that the provider's pools have now, the largest: about when what waits has been served
 */
public record SideLimits(int first, int further, double levelSeconds) {
    private static final int MOST = 1_000_000;

    /** While nothing is measured. */
    public static SideLimits resting(int slots) {
        int limit = rounded(Math.ceil(BounceLimit.resting(Math.max(1, slots))));
        return new SideLimits(limit, limit, 0);
    }

    /** At least one, so that a probe always may pass; not a number is nothing. */
    static int rounded(double limit) {
        return limit >= 1 ? (int) Math.min(MOST, limit) : 1;
    }
}
