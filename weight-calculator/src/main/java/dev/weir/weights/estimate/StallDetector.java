package dev.weir.weights.estimate;

/**
 * Silence as evidence, of one (pool, provider). While nothing completes, what is in flight adds up,
 *
 * <pre>
 *   A += N dt                          request-seconds without an answer
 *   e  = n ln(1 + A / (n D))           n answers seen, D the mean time until one that is in flight ends, {@link AnswerTime}</pre>
 *
 * and {@code e >= 14} is a stall. {@code e^-e} is the probability that a healthy provider, whose times are exponential and known
 * from {@code n} answers only, is silent that long (Lomax, "Business failures", JASA 49, 1954): with few answers seen it takes much
 * more than with many, where it tends to {@code e^-(A / D)}. No claim is in it: a provider that declared a tenth of its service
 * time is judged by what it does. Besides, the silence must have lasted {@link AnswerTime#patience}, because jobs that started
 * together end together.
 *
 * <p>Before {@value #PRIOR} answers were seen, a guess of the caller takes their place. Failures count one each; where nothing
 * is in flight to be waited for, they suffice alone. A completion clears the evidence, and so do bytes that flow.
 *
 * <p>Silence is only evidence where records are seen to flow: while several completions were due elsewhere too and none
 * came from anyone, it is our own ears that are deaf, and nobody is suspended.
 */
public final class StallDetector {
    /** Evidence that makes a stall. */
    public static final double THRESHOLD = 14;

    /** Completions due from others, none seen from anyone, that make us deaf: {@code e^-3 = 5 %} by chance. */
    public static final double DEAF = 3;

    private static final double PRIOR = 5;
    private static final double PRIOR_PATIENCE = 2;

    private double exposure;
    private double failures;
    private double silentSeconds;
    private double answers = PRIOR;
    private double residual = 1;
    private double patience = PRIOR_PATIENCE;
    private double dueSinceAnyone;

    /**
     * @param inFlight {@code N} over the interval, 0 where the gauge is too old to be believed
     * @param time what was seen of its answers
     * @param guessSeconds in place of {@code D} while too little was seen, {@code > 0}
     * @param alive whether it answered anything in the interval, or bytes of an answer came
     * @param failed ends in the interval that speak against the provider
     * @param anyone whether any provider answered anything in the interval
     * @param dt seconds
     */
    public void observe(
            double inFlight,
            AnswerTime time,
            double guessSeconds,
            boolean alive,
            double failed,
            boolean anyone,
            double dt) {
        answers = time.known() ? time.answers() : PRIOR;
        residual = time.known() ? time.residual() : guessSeconds;
        patience = time.known() ? time.patience() : PRIOR_PATIENCE * guessSeconds;
        dueSinceAnyone = anyone ? 0 : dueSinceAnyone + inFlight * dt / residual;
        if (alive) {
            exposure = 0;
            failures = 0;
            silentSeconds = 0;
        } else {
            exposure += inFlight * dt;
            failures += failed;
            // an idle provider is not silent
            silentSeconds += inFlight + failed > 0 ? dt : 0;
        }
    }

    /** Answers that could have come since it was last alive, {@code A / D}. */
    public double missed() {
        return exposure / residual;
    }

    /** The evidence {@code e}, failures included. */
    public double due() {
        return failures + answers * StrictMath.log1p(exposure / (answers * residual));
    }

    /** Seconds that a silence must have lasted. */
    public double patience() {
        return patience;
    }

    /** Completions due since anyone's last completion. */
    public double dueSinceAnyone() {
        return dueSinceAnyone;
    }

    /** Seconds of silence while there was work. */
    public double silentSeconds() {
        return silentSeconds;
    }

    /** @param othersDue completions that were due from the others since anyone's last, {@link #dueSinceAnyone()} summed */
    public boolean stalled(double othersDue) {
        return stalled(due(), silentSeconds, missed() >= 1 ? patience : 0, othersDue);
    }

    /**
     * @param due evidence
     * @param silentSeconds of silence while there was work
     * @param patience that it must have lasted, seconds; 0 where nothing in flight could have been answered in it
     */
    public static boolean stalled(double due, double silentSeconds, double patience, double othersDue) {
        return due >= THRESHOLD && silentSeconds >= patience && othersDue < DEAF;
    }
}
