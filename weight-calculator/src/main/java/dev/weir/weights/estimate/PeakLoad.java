package dev.weir.weights.estimate;

/**
 * How high demand goes: the largest half-second mean of late that chance does not explain, forgotten with a time constant of
 * 30 s towards the long mean. Head-room is planned for it; planned for the mean, it would be gone in every burst.
 *
 * <p>A half-second mean of Poisson arrivals at rate r has a standard deviation of {@code sqrt(r / (2 tau))}, {@code tau = .5 s}.
 * One that is within three of those of the long mean is no burst: where a few large requests come per second, chance alone
 * would otherwise leave no head-room at all.
 */
public final class PeakLoad {
    private static final double BURST_SECONDS = 0.5;
    private static final double MEMORY_SECONDS = 30;
    private static final double CHANCE = 3;

    private final DecayedRate burst = new DecayedRate(BURST_SECONDS);
    private final DecayedRate mean = new DecayedRate(MEMORY_SECONDS);
    private double peak;

    /**
     * @param events in the interval, {@code >= 0}
     * @param dt its length, seconds
     */
    public void observe(double events, double dt) {
        burst.add(events, dt);
        mean.add(events, dt);
        double resting = mean.perSecond();
        double faded = resting + Math.max(0, peak - resting) * StrictMath.exp(-Math.max(0, dt) / MEMORY_SECONDS);
        double high = burst.perSecond();
        double chance = CHANCE * Math.sqrt(resting / (2 * BURST_SECONDS));
        peak = Math.max(high > resting + chance ? high : resting, faded);
    }

    /** Goes on from a rate that an earlier process knew. */
    public void restore(double perSecond) {
        burst.restore(perSecond);
        mean.restore(perSecond);
        peak = perSecond;
    }

    /** Events per second. */
    public double perSecond() {
        return peak;
    }
}
