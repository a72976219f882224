package dev.weir.weights.bounce;

/**
 * How many requests a provider side takes, by the number of the attempt. All limits in requests, not rounded.
 *
 * <pre>
 *   L       = (sum_k w (N_k - s_k))^+ / sum_k mu_k     seconds: the queueing time that the pool's providers have in common
 *   first   = s + min(mu L / w + c sqrt(s), mu W / w)  W: the longest wait that is worth taking a request for
 *   further = s + mu W / w
 *   resting = s + 2 sqrt(s)                            in place of first, while nobody measures L</pre>
 *
 * A first attempt is refused only where it would wait longer than the pool does, by {@code c sqrt(s)} or more (the chance
 * fluctuation of s slots, Halfin and Whitt 1981), so refusals stay rare at every load. Without {@code L}, a fixed limit would
 * refuse everywhere at once when load is high. Without {@code W} in {@code first} the limit would grow with the very queue
 * that it is to end.
 */
public final class BounceLimit {
    private BounceLimit() {}

    /**
     * The level {@code L}, seconds.
     *
     * @param queued {@code sum w (N - s)} over a pool's providers, work units; free slots count as negative
     * @param capacity {@code sum mu}, work units per second
     */
    public static double levelSeconds(double queued, double capacity) {
        return capacity > 0 ? Math.max(0, queued) / capacity : 0;
    }

    /**
     * For first attempts.
     *
     * @param slots {@code s}
     * @param rate {@code mu / w}, requests per second
     * @param levelSeconds {@code L}, the largest of the provider's pools
     * @param margin {@code c}; each unit halves the refusals, roughly, and leaves more unevenness
     * @param maxWaitSeconds {@code W}
     */
    public static double first(int slots, double rate, double levelSeconds, double margin, double maxWaitSeconds) {
        return slots + Math.min(rate * levelSeconds + margin * Math.sqrt(slots), rate * maxWaitSeconds);
    }

    /** For attempts that were refused or failed elsewhere; past it a request is shed. */
    public static double further(int slots, double rate, double maxWaitSeconds) {
        return slots + rate * maxWaitSeconds;
    }

    /** For first attempts, while nothing is measured. */
    public static double resting(int slots) {
        return slots + 2 * Math.sqrt(slots);
    }
}
