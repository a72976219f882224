package dev.weir.bench.check;

import java.util.Arrays;
import java.util.Collection;

/** Response times, milliseconds. */
final class Quantiles {
    private final double[] sorted;

    Quantiles(Collection<Double> times) {
        sorted = times.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
    }

    int count() {
        return sorted.length;
    }

    /** The least value that at least this share of all do not exceed; NaN of nothing. */
    double at(double share) {
        return sorted.length == 0
                ? Double.NaN
                : sorted[Math.max(0, Math.min(sorted.length, (int) Math.ceil(share * sorted.length)) - 1)];
    }
}
