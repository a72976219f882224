package dev.weir.weights.estimate;

/**
 * How high demand goes: the largest half-second mean of late, forgotten with a time constant of 30 s towards the long mean.
 * Head-room is planned for it; planned for the mean, it would be gone in every burst.
 */
public final class PeakLoad {
    private static final double BURST_SECONDS = 0.5;
    private static final double MEMORY_SECONDS = 30;

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
        peak = Math.max(burst.perSecond(), faded);
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
