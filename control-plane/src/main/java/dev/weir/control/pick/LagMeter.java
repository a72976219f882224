package dev.weir.control.pick;

/** Mean of what was measured since the last look that told one. Not safe for several threads. */
final class LagMeter {
    /** Fewest samples that a mean is made of: one that came alone says little. */
    static final int MIN_SAMPLES = 8;

    private static final long PATIENCE_NANOS = 10_000_000_000L;

    private double sum;
    private int samples;
    private long sinceNanos;

    void add(double seconds) {
        sum += seconds;
        samples++;
    }

    /**
     * The mean since the last look, seconds; NaN = too little was measured to say anything new. What waits for company for too
     * long is forgotten.
     */
    double look(long nowNanos) {
        double mean = samples >= MIN_SAMPLES ? sum / samples : Double.NaN;
        if (samples == 0 || !Double.isNaN(mean) || nowNanos - sinceNanos > PATIENCE_NANOS) {
            sum = 0;
            samples = 0;
            sinceNanos = nowNanos;
        }
        return mean;
    }
}
