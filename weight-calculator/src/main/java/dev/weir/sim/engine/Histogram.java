package dev.weir.sim.engine;

import dev.weir.sim.Result.Times;

/**
 * Times in buckets of equal ratio: 512 to each power of two, so a quantile is within 0.2 % of the true one. Below a
 * microsecond everything is one bucket. The mean is exact.
 */
public final class Histogram {
    private static final int FRACTION_BITS = 9;
    private static final double SMALLEST = 1.0 / (1 << 20);
    private static final int OCTAVES = 44;
    private static final long BASE = Double.doubleToRawLongBits(SMALLEST) >>> (52 - FRACTION_BITS);

    private final long[] counts = new long[OCTAVES << FRACTION_BITS];
    private long total;
    private double sum;

    /** Adds a time, seconds, {@code >= 0}. */
    public void add(double seconds) {
        total++;
        sum += seconds;
        counts[bucket(seconds)]++;
    }

    /** How many were added. */
    public long total() {
        return total;
    }

    /** The exact mean; 0 when empty. */
    public double mean() {
        return total == 0 ? 0 : sum / total;
    }

    /** The quantile {@code q}, 0 to 1: the middle of the bucket that holds it; 0 when empty. */
    public double quantile(double q) {
        long rank = (long) Math.ceil(q * total);
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= rank && seen > 0) {
                return i == 0 ? 0 : (lower(i) + lower(i + 1)) / 2;
            }
        }
        return 0;
    }

    /** Mean, median and 99th percentile. */
    public Times times() {
        return new Times(mean(), quantile(0.5), quantile(0.99));
    }

    private static int bucket(double seconds) {
        if (!(seconds > SMALLEST)) {
            return 0;
        }
        long index = (Double.doubleToRawLongBits(seconds) >>> (52 - FRACTION_BITS)) - BASE;
        return (int) Math.min(index, (OCTAVES << FRACTION_BITS) - 1);
    }

    private static double lower(int bucket) {
        return Double.longBitsToDouble((BASE + bucket) << (52 - FRACTION_BITS));
    }
}
