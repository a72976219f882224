package dev.weir.weights.estimate;

/**
 * What a provider is believed to be able to do, work units per second.
 *
 * <pre>
 *   cap     = declared; the first counts at once, a lower one too, a higher one with a time constant of 30 s
 *   target  = min(cap, 1.1 x rate)   while it is saturated (N >= s throughout) or failing, else cap
 *   trusted moves to target with 2 s down and 8 s up</pre>
 *
 * Only a saturated provider shows what it can do; an idle one that completes little is not slow. A provider that refuses
 * or fails never looks saturated (its queue is empty), so failing counts as saturated: what it completes is what it can
 * do. The head-room of 1.1 lets it grow back. The rate is that of the last second spent so, or of the last 16
 * completions where those take longer, on top of five completions at the trusted rate, which keeps the first ticks from
 * being noise.
 *
 * <p>Bounds: {@code cap / 100 <= trusted <= cap}; 0 exactly when nothing is declared. {@code O(1)} per tick.
 */
public final class TrustedCapacity {
    private static final double DECLARED_UP_SECONDS = 30;
    private static final double DOWN_SECONDS = 2;
    private static final double UP_SECONDS = 8;
    private static final double HEADROOM = 1.1;
    private static final double FLOOR = 0.01;
    private static final double PRIOR_COMPLETIONS = 5;
    private static final double WINDOW_COMPLETIONS = 16;
    private static final double LEAST_WINDOW_SECONDS = 1;
    private static final double LONGEST_WINDOW_SECONDS = 10;

    private double cap;
    private double trusted;
    private double work;
    private double seconds;

    /**
     * Takes what is declared now.
     *
     * @param declared work units per second, {@code >= 0}, finite
     * @param dt seconds since the call before
     */
    public void declare(double declared, double dt) {
        if (declared <= 0) {
            cap = 0;
            trusted = 0;
            work = 0;
            seconds = 0;
        } else if (cap == 0) {
            cap = declared;
            trusted = declared;
        } else if (declared <= cap) {
            cap = declared;
        } else {
            cap += (declared - cap) * (1 - StrictMath.exp(-dt / DECLARED_UP_SECONDS));
        }
        trusted = Math.min(trusted, cap);
    }

    /**
     * @param completed work units of the 2xx ends in this interval
     * @param workPerRequest work units
     * @param saturated whether the interval shows what it can do
     * @param dt seconds, {@code >= 0}
     */
    public void observe(double completed, double workPerRequest, boolean saturated, double dt) {
        if (cap == 0 || !(dt > 0)) {
            return;
        }
        double window = WINDOW_COMPLETIONS * workPerRequest / trusted;
        double keep = StrictMath.exp(-dt / Math.max(LEAST_WINDOW_SECONDS, Math.min(LONGEST_WINDOW_SECONDS, window)));
        work *= keep;
        seconds *= keep;
        double target = cap;
        if (saturated) {
            work += completed;
            seconds += dt;
            double prior = PRIOR_COMPLETIONS * workPerRequest;
            target = Math.min(cap, HEADROOM * (work + prior) / (seconds + prior / trusted));
        }
        double tau = target < trusted ? DOWN_SECONDS : UP_SECONDS;
        trusted += (target - trusted) * (1 - StrictMath.exp(-dt / tau));
        trusted = Math.max(FLOOR * cap, Math.min(cap, trusted));
    }

    /** Goes on from what an earlier process believed; both {@code > 0}, work units per second. */
    public void restore(double formerCap, double formerTrusted) {
        cap = formerCap;
        trusted = Math.max(FLOOR * cap, Math.min(cap, formerTrusted));
    }

    /** Declared capacity as far as it counts, work units per second. */
    public double cap() {
        return cap;
    }

    /** Work units per second. */
    public double trusted() {
        return trusted;
    }

    /** After a suspension: what was seen before it says little; what is declared is the better guess. */
    public void forgive() {
        trusted = Math.max(trusted, cap / 2);
        work = 0;
        seconds = 0;
    }
}
