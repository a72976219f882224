package dev.weir.weights.quota;

/**
 * What a provider said of one of its quotas with an answer.
 *
 * @param unit what it counts
 * @param limit units per window, {@link #UNSAID} = not said
 * @param remaining units that are left, {@link #UNSAID} = not said
 * @param resetSeconds from the answer until all of it is there again, {@link #UNSAID} = not said
 * @param windowSeconds length of the window, {@link #UNSAID} = not said
 */
public record QuotaReport(QuotaUnit unit, long limit, long remaining, double resetSeconds, double windowSeconds) {
    public static final long UNSAID = -1;

    private static final double MINUTE = 60;
    /** By so much clocks may differ where a date says when. */
    private static final double CLOCKS = 30;

    private static final double HOUR = 3_600;
    private static final double DAY = 86_400;
    /** By so much, as a share, the time that a steady bucket takes may miss a day's. */
    private static final double CLOSE = 0.2;

    /**
     * The window that the limit is for, seconds, as it was said, or else as providers have them: a minute; if it takes longer until the
     * quota is whole, an hour; a day, if what is missing comes back at a day's pace or takes longer than an hour.
     */
    public double window() {
        if (windowSeconds != UNSAID) {
            return windowSeconds;
        }
        if (resetSeconds <= MINUTE + CLOCKS) {
            return MINUTE;
        }
        boolean measured = limit > 0 && remaining >= 0 && remaining < limit;
        double whole = measured ? resetSeconds * limit / (limit - remaining) : 0;
        boolean daily = Math.abs(whole / DAY - 1) < CLOSE;
        return resetSeconds <= HOUR && !daily ? HOUR : Math.max(DAY, resetSeconds);
    }
}
