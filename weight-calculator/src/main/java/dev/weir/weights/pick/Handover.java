package dev.weir.weights.pick;

/**
 * Whether a pool's requests go by the pushed split for a while, because asking for a pick costs them more than the pick saves:
 * the control plane, or the way to it, is starved.
 *
 * <pre>
 *   cost = max(check lag / c, record lag / r)
 *     c = max(3 ms, min(S, max(S / 20, gain)))     what an answer may take: {@link PickGain}, S the mean service time
 *     r = max(10 ms, S)                            how old the books may be
 *   over when cost > 1 in {@value #BAD_LOOKS} looks in a row
 *   back when cost < 1/2 in {@value #CALM_LOOKS} looks in a row, or nothing was heard in {@value #SILENT_LOOKS}, at least
 *        {@value #STAY_SECONDS} s after
 * </pre>
 *
 * <p>A request waits for the answer, so each second of it counts in full: the limit is what the pick saves, a few milliseconds
 * at load .5 and about a service time at .95. Old books cost little below one service time (docs/theory.md 7). A pool that goes
 * over again within a minute of its return stays twice as long as before, {@value #MAX_STAY_SECONDS} s at most.
 *
 * <p>Not safe for several threads. To be looked at once a second.
 */
public final class Handover {
    static final int BAD_LOOKS = 3;
    static final int CALM_LOOKS = 5;
    static final int SILENT_LOOKS = 30;
    static final long STAY_SECONDS = 10;
    static final long MAX_STAY_SECONDS = 160;
    static final double MIN_CHECK_SECONDS = 0.003;
    static final double MIN_RECORD_SECONDS = 0.010;

    private static final double MIN_SHARE = 1.0 / 20;
    private static final double CALM = 0.5;
    private static final long RELAPSE_SECONDS = 60;
    private static final double NANOS = 1e9;

    private boolean over;
    private int bad;
    private int calm;
    private int silent;
    private long staySeconds = STAY_SECONDS;
    private long changedNanos;
    private boolean returned;

    /** What an answer may take, seconds. */
    public static double mostCheckSeconds(double serviceSeconds, double gainSeconds) {
        return Math.max(MIN_CHECK_SECONDS, Math.min(serviceSeconds, Math.max(MIN_SHARE * serviceSeconds, gainSeconds)));
    }

    /** How long after an attempt's end its record may come, seconds. */
    public static double mostRecordSeconds(double serviceSeconds) {
        return Math.max(MIN_RECORD_SECONDS, serviceSeconds);
    }

    /**
     * One look.
     *
     * @param checkSeconds what answers took since the last look, mean; NaN = nothing new is known
     * @param recordSeconds how late records came, likewise
     * @param serviceSeconds mean service time of the pool's requests, {@code > 0}
     * @param gainSeconds what a pick saves
     * @return whether requests go by the split
     */
    public boolean look(
            double checkSeconds, double recordSeconds, double serviceSeconds, double gainSeconds, long nowNanos) {
        double cost = Math.max(
                part(checkSeconds, mostCheckSeconds(serviceSeconds, gainSeconds)),
                part(recordSeconds, mostRecordSeconds(serviceSeconds)));
        boolean news = !(Double.isNaN(checkSeconds) && Double.isNaN(recordSeconds));
        if (over) {
            silent = news ? 0 : silent + 1;
            if (news || calm > 0) {
                calm = cost < CALM ? calm + 1 : 0;
            }
            boolean fine = (news && calm >= CALM_LOOKS) || silent >= SILENT_LOOKS;
            if (fine && nowNanos - changedNanos >= staySeconds * NANOS) {
                change(false, nowNanos);
            }
        } else if (news) {
            bad = cost > 1 ? bad + 1 : 0;
            if (bad >= BAD_LOOKS) {
                boolean relapse = returned && nowNanos - changedNanos < RELAPSE_SECONDS * NANOS;
                staySeconds = relapse ? Math.min(MAX_STAY_SECONDS, 2 * staySeconds) : STAY_SECONDS;
                change(true, nowNanos);
            }
        }
        return over;
    }

    private static double part(double seconds, double most) {
        return Double.isNaN(seconds) ? 0 : seconds / most;
    }

    private void change(boolean to, long nowNanos) {
        returned = over;
        over = to;
        bad = 0;
        calm = 0;
        silent = 0;
        changedNanos = nowNanos;
    }
}
