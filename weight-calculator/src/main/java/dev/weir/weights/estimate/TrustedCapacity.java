package dev.weir.weights.estimate;

/**
 * What a provider is believed to be able to do, work units per second.
 *
 * <pre>
 *   cap      = declared; the first counts at once, a lower one too, a higher one with a time constant of 30 s
 *   able     = the larger of s / R, the work that s slots do at the durations seen while slots were free, and the rate seen while
 *              saturated and alive; over the last 200 completions
 *   standing = cap within able / 1.25 and 1.25 able, at most the limit; able where nothing is declared
 *   target   = min(limit, 1.1 x rate)   while it is saturated (N >= s throughout) or failing, else standing
 *   trusted  moves to target with 2 s down and 8 s up</pre>
 *
 * The limit is the most that may count: what is declared where a stake answers for it, so that nobody is trusted with more than it
 * claimed; anything where the figure is an operator's guess, which may be wrong both ways.
 *
 * <p>Only a saturated provider shows its rate; an idle one that completes little is not slow. But how long its answers take it
 * shows always: so a claim found false stays disbelieved while slots are free, and a provider that has recovered is believed
 * again. One that refuses or fails never looks saturated (its queue is empty), so failing counts as saturated: what it
 * completes is what it can do. The head-room of 1.1 lets it grow back. The rate is that of the last second spent so, or of the
 * last 16 completions where those take longer, on top of five completions at the trusted rate, which keeps the first ticks
 * from being noise.
 *
 * <p>Bounds: {@code floor <= trusted <= limit}, the floor a hundredth of the limit where that is declared; 0 exactly when the
 * limit is. {@code O(1)} per tick.
 */
public final class TrustedCapacity {
    private static final double DECLARED_UP_SECONDS = 30;
    private static final double DOWN_SECONDS = 2;
    private static final double UP_SECONDS = 8;
    private static final double HEADROOM = 1.1;
    private static final double FLOOR = 0.01;
    /** A guess may be wrong by more than a claim. */
    private static final double GUESS_FLOOR = 1e-4;

    private static final double PRIOR_COMPLETIONS = 5;
    private static final double WINDOW_COMPLETIONS = 16;
    private static final double MIN_WINDOW_SECONDS = 1;
    private static final double MAX_WINDOW_SECONDS = 10;
    /** A claim is left alone that is within this factor of what was seen. */
    private static final double DOUBT = 1.25;

    private static final double MEMORY = 200;
    private static final double ENOUGH = 5;
    /** So many answers of a provider that declared nothing are believed at once. */
    private static final double FIRST = 20;
    /** Before anything is seen of one that declared nothing: a second per call. */
    private static final double UNKNOWN_SECONDS = 1;

    private double cap;
    private double limit;
    private double trusted;
    private double work;
    private double seconds;
    /** While slots were free: completions, their work and slot-seconds. */
    private double freeCount;

    private double freeWork;
    private double freeSeconds;
    /** While saturated and alive: completions, their work and seconds. */
    private double busyCount;

    private double busyWork;
    private double busySeconds;
    private double sinceCompletion;
    private double slots = 1;

    /**
     * Takes what is declared now.
     *
     * @param declared work units per second, {@code >= 0}, finite; 0 = nothing
     * @param most that may count, {@code >= declared}, finite; 0 = it gets no traffic
     * @param dt seconds since the call before
     */
    public void declare(double declared, double most, double dt) {
        if (most <= 0) {
            cap = 0;
            trusted = 0;
            work = 0;
            seconds = 0;
        } else if (declared <= cap || cap == 0) {
            trusted = cap == 0 && declared > 0 ? declared : trusted;
            cap = declared;
        } else {
            cap += (declared - cap) * (1 - StrictMath.exp(-dt / DECLARED_UP_SECONDS));
        }
        limit = most > declared ? most : cap;
        trusted = Math.min(trusted, limit);
    }

    /**
     * @param completed work units of the 2xx ends in this interval
     * @param answers their number
     * @param answerSeconds sum of their durations where they found a free slot, else 0
     * @param workPerRequest work units
     * @param slotCount {@code s >= 1}
     * @param saturated whether all slots were busy throughout
     * @param failing whether more of its attempts fail than bad luck explains
     * @param dt seconds, {@code >= 0}
     */
    public void observe(
            double completed,
            double answers,
            double answerSeconds,
            double workPerRequest,
            int slotCount,
            boolean saturated,
            boolean failing,
            double dt) {
        slots = slotCount;
        if (limit == 0) {
            return;
        }
        if (trusted == 0) {
            trusted = Math.min(limit, slots * workPerRequest / UNKNOWN_SECONDS);
        }
        if (!(dt > 0)) {
            return;
        }
        remember(completed, answers, answerSeconds, saturated, dt);
        double window = WINDOW_COMPLETIONS * workPerRequest / trusted;
        double keep = StrictMath.exp(-dt / Math.max(MIN_WINDOW_SECONDS, Math.min(MAX_WINDOW_SECONDS, window)));
        work *= keep;
        seconds *= keep;
        double target = standing();
        if (saturated || failing) {
            work += completed;
            seconds += dt;
            double prior = PRIOR_COMPLETIONS * workPerRequest;
            target = Math.min(limit, HEADROOM * (work + prior) / (seconds + prior / trusted));
        }
        double tau = target < trusted ? DOWN_SECONDS : UP_SECONDS;
        double follow = 1 - StrictMath.exp(-dt / tau);
        if (cap == 0 && able() > 0 && Math.max(freeCount, busyCount) < FIRST) {
            follow = 1;
            target = standing();
        }
        trusted += (target - trusted) * follow;
        trusted = Math.max(floor(), Math.min(limit, trusted));
    }

    private void remember(double completed, double answers, double answerSeconds, boolean saturated, double dt) {
        sinceCompletion = saturated ? sinceCompletion + dt : 0;
        if (!(answers > 0)) {
            return;
        }
        double keep = StrictMath.exp(-answers / MEMORY);
        double share = (1 - keep) * MEMORY / answers;
        if (saturated) {
            busyCount = busyCount * keep + answers * share;
            busyWork = busyWork * keep + completed * share;
            busySeconds = busySeconds * keep + sinceCompletion * share;
            sinceCompletion = 0;
        } else if (answerSeconds > 0) {
            freeCount = freeCount * keep + answers * share;
            freeWork = freeWork * keep + completed * share;
            freeSeconds = freeSeconds * keep + answerSeconds * share;
        }
    }

    /** What was seen that it can do, work units per second; 0 = too little was seen. */
    private double able() {
        double free = freeCount >= ENOUGH && freeSeconds > 0 ? slots * freeWork / freeSeconds : 0;
        double busy = busyCount >= ENOUGH && busySeconds > 0 ? busyWork / busySeconds : 0;
        return Math.max(free, busy);
    }

    /** Goes on from what an earlier process believed; work units per second, the second {@code > 0}. */
    public void restore(double formerCap, double formerTrusted) {
        cap = formerCap;
        limit = Math.max(formerCap, formerTrusted);
        trusted = Math.max(floor(), formerTrusted);
    }

    private double floor() {
        return limit > cap ? GUESS_FLOOR * (cap > 0 ? cap : trusted) : FLOOR * cap;
    }

    /** Whether it may have traffic at all. */
    public boolean counts() {
        return limit > 0;
    }

    /** Declared capacity as far as it counts, work units per second. */
    public double cap() {
        return cap;
    }

    /** Work units per second. */
    public double trusted() {
        return trusted;
    }

    /** What it is believed to do when nothing is known of this moment, work units per second. */
    public double standing() {
        double able = able();
        if (able <= 0) {
            return cap > 0 ? cap : trusted;
        }
        if (cap <= 0) {
            return Math.min(limit, able);
        }
        return Math.min(limit, Math.max(able / DOUBT, Math.min(DOUBT * able, cap)));
    }

    /** Whether anything is declared or was seen of it. */
    public boolean known() {
        return cap > 0 || able() > 0;
    }

    /**
     * Goes back to what was seen before a suspension: the last seconds before it say little; what it did when it was well is
     * the better guess.
     */
    public void forgive() {
        trusted = Math.max(trusted, standing() / 2);
        work = 0;
        seconds = 0;
        sinceCompletion = 0;
    }
}
