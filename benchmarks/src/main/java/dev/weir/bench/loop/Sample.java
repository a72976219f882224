package dev.weir.bench.loop;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/** Some numbers, sorted: exact means and percentiles. */
final class Sample {
    private final double[] sorted;

    private Sample(double[] sorted) {
        this.sorted = sorted;
    }

    static Sample of(DoubleStream values) {
        double[] all = values.toArray();
        Arrays.sort(all);
        return new Sample(all);
    }

    int count() {
        return sorted.length;
    }

    /** The mean; NaN of nothing. */
    double mean() {
        return Arrays.stream(sorted).average().orElse(Double.NaN);
    }

    /**
     * The least value that at least {@code percent} of all do not exceed (nearest rank); NaN of nothing.
     *
     * @param percent 0-100, exclusive of 0
     */
    double percentile(double percent) {
        if (sorted.length == 0) {
            return Double.NaN;
        }
        int rank = (int) Math.ceil(percent / 100 * sorted.length);
        return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1];
    }

    /** Mean of the middle two of an even number; NaN of nothing. */
    static double median(DoubleStream values) {
        double[] all = values.toArray();
        Arrays.sort(all);
        int half = all.length / 2;
        if (all.length == 0) {
            return Double.NaN;
        }
        return all.length % 2 == 1 ? all[half] : (all[half - 1] + all[half]) / 2;
    }
}
