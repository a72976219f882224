package dev.weir.control.testbed.load;

import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.HdrHistogram.Histogram;

/** Times of many calls: exact mean, percentiles to three digits. */
public final class CallLatencies {
    private static final long MAX_MICROS = TimeUnit.HOURS.toMicros(1);

    private final Histogram histogram = new Histogram(MAX_MICROS, 3);
    private double sumNanos;

    private CallLatencies() {}

    public static CallLatencies of(LongStream nanos) {
        CallLatencies latencies = new CallLatencies();
        nanos.forEach(latencies::add);
        return latencies;
    }

    private void add(long nanos) {
        sumNanos += nanos;
        histogram.recordValue(Math.min(MAX_MICROS, TimeUnit.NANOSECONDS.toMicros(Math.max(0, nanos))));
    }

    public long count() {
        return histogram.getTotalCount();
    }

    /** The mean, milliseconds; 0 of nothing. */
    public double meanMillis() {
        return count() == 0 ? 0 : sumNanos / count() / 1e6;
    }

    /** @param percentile 0-100 */
    public double percentileMillis(double percentile) {
        return histogram.getValueAtPercentile(percentile) / 1e3;
    }
}
