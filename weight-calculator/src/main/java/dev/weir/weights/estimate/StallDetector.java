package dev.weir.weights.estimate;

/**
 * Silence as evidence. While nothing completes, the completions that were due add up,
 *
 * <pre>  e += min(N, s) / S dt + failures,     S = s w / mu, the mean service time in seconds</pre>
 *
 * and 14 of them without one seen is a stall: for Poisson completions that happens to a healthy provider with
 * probability {@code e^-14 = 8e-7} per gap. Besides, the silence must have lasted {@code 2 S}, because jobs that started
 * together end together. A completion clears the evidence.
 *
 * <p>Silence is only evidence where records are seen to flow: while several completions were due elsewhere too and none
 * came from anyone, it is our own ears that are deaf, and nobody is suspended.
 */
public final class StallDetector {
    /** Expected completions in silence that make a stall. */
    public static final double THRESHOLD = 14;

    /** Completions due from others, none seen from anyone, that make us deaf: {@code e^-3 = 5 %} by chance. */
    private static final double DEAF = 3;

    private static final double SERVICE_TIMES = 2;

    private double due;
    private double silentSeconds;
    private double dueSinceAnyone;

    /**
     * @param busy {@code min(N, s)} over the interval, 0 where the gauge is too old to be believed
     * @param serviceSeconds {@code S > 0}
     * @param completions 2xx ends in the interval
     * @param failures other ends in the interval that speak against the provider
     * @param anyone whether any provider completed anything in the interval
     * @param dt seconds
     */
    public void observe(
            double busy, double serviceSeconds, double completions, double failures, boolean anyone, double dt) {
        double expected = busy / serviceSeconds * dt;
        dueSinceAnyone = anyone ? 0 : dueSinceAnyone + expected;
        if (completions > 0) {
            due = 0;
            silentSeconds = 0;
        } else {
            due += expected + failures;
            // an idle provider is not silent
            silentSeconds += expected + failures > 0 ? dt : 0;
        }
    }

    /**
     * @param serviceSeconds {@code S}
     * @param othersDue completions that were due from the others since anyone's last, {@link #dueSinceAnyone()} summed
     */
    public boolean stalled(double serviceSeconds, double othersDue) {
        return due >= THRESHOLD && silentSeconds >= SERVICE_TIMES * serviceSeconds && othersDue < DEAF;
    }

    /** Completions that were due and did not come. */
    public double due() {
        return due;
    }

    /** Completions due from this provider since anyone's last completion. */
    public double dueSinceAnyone() {
        return dueSinceAnyone;
    }

    /** Seconds of silence while there was work. */
    public double silentSeconds() {
        return silentSeconds;
    }
}
