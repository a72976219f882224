package dev.weir.weights.bounce;

/**
 * What a provider's side is told.
 *
 * @param first most requests in flight that are first attempts, {@code >= 1}
 * @param further most that are not, {@code >= 1}
 * @param most the end of the queue at its declared capacity, {@code >= 1}: for others while nobody measures
 * @param levelSeconds the queueing time that the provider's pools have now, the largest: about when what waits has been served
 */
public record SideLimits(int first, int further, int most, double levelSeconds) {
    private static final int MAX = 1_000_000;

    /**
     * While nothing is measured: first attempts as far as chance alone would have them, others up to the end of the queue.
     *
     * @param slots {@code s}
     * @param rate {@code mu / w}, requests per second, as declared; 0 = not known
     * @param maxWaitSeconds {@code W}
     */
    public static SideLimits resting(int slots, double rate, double maxWaitSeconds) {
        int s = Math.max(1, slots);
        int first = rounded(BounceLimit.resting(s));
        int most = Math.max(first, rounded(BounceLimit.further(s, rate, maxWaitSeconds)));
        return new SideLimits(first, most, most, 0);
    }

    /** The limits that fit any load, when nobody will move them any more. */
    public SideLimits atRest(int slots) {
        int first = rounded(BounceLimit.resting(Math.max(1, slots)));
        return new SideLimits(first, Math.max(first, most), most, 0);
    }

    /** Up to a whole one; at least one, so that a probe always may pass; not a number is nothing. */
    static int rounded(double limit) {
        return limit >= 1 ? (int) Math.min(MAX, Math.ceil(limit)) : 1;
    }
}
