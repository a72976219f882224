package dev.weir.weights.estimate;

/**
 * Offered first attempts per second of one pool. Counts that come late, after a gap in telemetry, are spread over the gap
 * instead of looking like a burst: time without telemetry is added up until some comes.
 */
public final class Demand {
    /** Time constant of the level, which averages over the last second: what the split and the price plan for. */
    private static final double LEVEL_SECONDS = 1;

    /** Time constant of the rate that follows within a quarter of a second: what happened since the gauges were read. */
    private static final double FAST_SECONDS = 0.25;

    private static final double MAX_GAP_SECONDS = 60;

    private final DecayedRate level = new DecayedRate(LEVEL_SECONDS);
    private final DecayedRate fast = new DecayedRate(FAST_SECONDS);
    private final PeakLoad peak = new PeakLoad();
    private double gap;

    /**
     * @param firstAttempts since the call before, {@code >= 0}
     * @param heard whether telemetry of this pool is fresh; if not and nothing was counted, nothing is learnt
     * @param dt seconds since the call before
     */
    public void observe(double firstAttempts, boolean heard, double dt) {
        gap = Math.min(MAX_GAP_SECONDS, gap + dt);
        if (heard || firstAttempts > 0) {
            level.add(firstAttempts, gap);
            fast.add(firstAttempts, gap);
            peak.observe(firstAttempts, gap);
            gap = 0;
        }
    }

    /**
     * Goes on from what an earlier process knew.
     *
     * @param perSecond requests per second, {@code >= 0}, finite
     */
    public void restore(double perSecond) {
        level.restore(perSecond);
        fast.restore(perSecond);
        peak.restore(perSecond);
    }

    /** Requests per second, averaged over a second. */
    public double level() {
        return level.perSecond();
    }

    /** Requests per second, averaged over a quarter of a second. */
    public double fast() {
        return fast.perSecond();
    }

    /** Requests per second: the largest of late, see {@link PeakLoad}. */
    public double peak() {
        return peak.perSecond();
    }
}
