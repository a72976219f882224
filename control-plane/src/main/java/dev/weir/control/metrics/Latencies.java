package dev.weir.control.metrics;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.TelemetryListener;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.IntCountsHistogram;

/**
 * Latency per provider over the last 10 s, from completed attempts. The window slides in steps of 2 s.
 *
 * <p>Feed it from one source only: a record that comes twice counts twice. Values are kept in units of 0.1 ms with an error
 * of at most 1 %, up to 1 h: 2 to 10 KiB per provider and step.
 */
@ThreadSafe
public final class Latencies implements TelemetryListener {
    private static final int STEPS = 5;
    private static final long STEP_NANOS = 2_000_000_000L;
    private static final int MICROS_PER_UNIT = 100;
    private static final long MAX_UNITS = 3_600_000_000L / MICROS_PER_UNIT;
    /** Providers come from records, which come from outside: the map must end somewhere. */
    private static final int PROVIDERS = 1000;

    private final LongSupplier clock;

    @GuardedBy("this")
    private final Map<String, Window> windows = new HashMap<>();

    /** @param clock monotonic nanoseconds */
    public Latencies(LongSupplier clock) {
        this.clock = clock;
    }

    /** Counts the completed attempts among {@code records}. */
    @Override
    public synchronized void records(List<AccessRecord> records) {
        long step = Math.floorDiv(clock.getAsLong(), STEP_NANOS);
        for (AccessRecord record : records) {
            if (record.identity().kind() != AccessRecord.Kind.ATTEMPT || !record.completed()) {
                continue;
            }
            Window window = windows.get(record.route().provider());
            if (window == null && windows.size() < PROVIDERS) {
                window = new Window(step);
                windows.put(record.route().provider(), window);
            }
            if (window != null) {
                window.moveTo(step);
                window.add(record.timing().durationMicros(), record.timing().firstByteMicros());
            }
        }
    }

    /** The latency per provider name; a provider without a completed attempt in the window is missing. */
    public synchronized Map<String, Latency> read() {
        long step = Math.floorDiv(clock.getAsLong(), STEP_NANOS);
        Map<String, Latency> read = new TreeMap<>();
        windows.forEach((provider, window) -> {
            window.moveTo(step);
            Latency latency = window.read();
            if (latency.attempts() > 0) {
                read.put(provider, latency);
            }
        });
        return read;
    }

    /** Forgets every provider but these. */
    public synchronized void retain(Collection<String> providers) {
        windows.keySet().retainAll(providers);
    }

    private static final class Window {
        private final IntCountsHistogram[] whole = new IntCountsHistogram[STEPS];
        private final IntCountsHistogram[] firstByte = new IntCountsHistogram[STEPS];
        private long step;

        Window(long step) {
            this.step = step;
            for (int i = 0; i < STEPS; i++) {
                whole[i] = new IntCountsHistogram(2);
                firstByte[i] = new IntCountsHistogram(2);
                whole[i].setAutoResize(true);
                firstByte[i].setAutoResize(true);
            }
        }

        void moveTo(long now) {
            for (long gone = Math.max(step + 1, now - STEPS + 1); gone <= now; gone++) {
                whole[slot(gone)].reset();
                firstByte[slot(gone)].reset();
            }
            step = Math.max(step, now);
        }

        void add(long wholeMicros, long firstByteMicros) {
            whole[slot(step)].recordValue(units(wholeMicros));
            if (firstByteMicros >= 0) {
                firstByte[slot(step)].recordValue(units(firstByteMicros));
            }
        }

        Latency read() {
            Histogram all = sum(whole);
            return new Latency(
                    all.getTotalCount(),
                    millis(all.getValueAtPercentile(50)),
                    millis(all.getValueAtPercentile(99)),
                    millis(sum(firstByte).getValueAtPercentile(50)));
        }

        private static Histogram sum(IntCountsHistogram[] parts) {
            Histogram sum = new Histogram(2);
            sum.setAutoResize(true);
            for (IntCountsHistogram part : parts) {
                if (part.getTotalCount() > 0) {
                    sum.add(part);
                }
            }
            return sum;
        }

        private static int slot(long step) {
            return Math.floorMod(step, STEPS);
        }

        private static long units(long micros) {
            return Math.min(Math.max(0, micros) / MICROS_PER_UNIT, MAX_UNITS);
        }

        private static double millis(long units) {
            return units * MICROS_PER_UNIT / 1000.0;
        }
    }

    /**
     * How long a provider's completed attempts took lately.
     *
     * @param attempts completed attempts that this is made from
     * @param p50Millis median of the whole duration
     * @param p99Millis 99th percentile of the whole duration
     * @param firstByteP50Millis median of the time to the first response byte
     */
    public record Latency(long attempts, double p50Millis, double p99Millis, double firstByteP50Millis) {}
}
