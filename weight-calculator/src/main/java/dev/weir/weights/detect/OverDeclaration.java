package dev.weir.weights.detect;

/**
 * Whether a provider can do what it declares: a one-sided CUSUM over the time in which all its slots were busy.
 *
 * <pre>  g <- max(0, g + (k ln th - (th - 1) e) / v),     v = 1 + 1.5 (cv^2 - 1)^+,  th = 0.8, alarm at g >= 14</pre>
 *
 * {@code k} completions seen, {@code e = declared x saturated time / w} due. The bracket is the log-likelihood ratio of a
 * Poisson process at 0.8 of its claimed rate against one at the full rate (Page, "Continuous inspection schemes", Biometrika
 * 41, 1954). The completions of busy slots are a renewal process, whose counts vary {@code cv^2} times as much as
 * Poisson's, so evidence counts for that much less; half as much again, because a heavy tail's sample variance lies below
 * the true one more often than not. An unsaturated provider collects none, however idle it is.
 *
 * <p>An alarm for a claim 20 % too high comes after about {@code 14 v / (th ln th - th + 1) = 650 v} due completions; for an
 * honest provider false ones are {@code O(e^-14)} per due completion.
 *
 * <p>Worked example, cv^2 = 1: 10 due and 8 seen add {@code 8 ln .8 + .2 x 10 = .215}; 10 seen take off {@code .231}.
 */
public final class OverDeclaration {
    /** What an over-declaring provider is taken to do of its claim. */
    public static final double SUSPECTED = 0.8;

    /** Evidence at which it is accused. */
    public static final double ALARM = 14;

    private static final double CAUTION = 1.5;
    private static final double LOG_SUSPECTED = StrictMath.log(SUSPECTED);

    private double evidence;
    private double due;
    private double done;

    /**
     * Takes an interval in which all slots were busy from begin to end.
     *
     * @param seconds its length
     * @param declaredPerSecond requests per second claimed, {@code > 0}
     * @param completions seen in it
     * @param squaredVariation of job sizes
     */
    public void saturated(double seconds, double declaredPerSecond, long completions, double squaredVariation) {
        double expected = seconds * declaredPerSecond;
        if (!(expected > 0) || completions < 0 || Double.isInfinite(expected)) {
            return;
        }
        double scale = squaredVariation > 1 ? 1 + CAUTION * (squaredVariation - 1) : 1;
        double step = (completions * LOG_SUSPECTED + (1 - SUSPECTED) * expected) / scale;
        // bounded, so that whoever mends its ways is cleared by as much evidence as accused it
        evidence = Math.max(0, Math.min(2 * ALARM, evidence + step));
        due = evidence > 0 ? due + expected : 0;
        done = evidence > 0 ? done + completions : 0;
    }

    /** Whether the evidence suffices for an accusation. */
    public boolean alarm() {
        return evidence >= ALARM;
    }

    /** Log-likelihood ratio, nats. */
    public double evidence() {
        return evidence;
    }

    /** Completions that were due since the evidence was last 0: what an accusation rests on. */
    public double due() {
        return due;
    }

    /** Share of those that were done; 1 when none was due. */
    public double share() {
        return due > 0 ? done / due : 1;
    }

    /** Forgets the evidence, once an accusation was dealt with. */
    public void clear() {
        evidence = 0;
        due = 0;
        done = 0;
    }
}
