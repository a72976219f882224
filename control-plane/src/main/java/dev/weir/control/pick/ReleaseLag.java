package dev.weir.control.pick;

import java.util.HashMap;
import java.util.Map;

/**
 * The time from an attempt's end to our hearing of it, measured whatever the sidecar's clock says.
 *
 * <pre>
 *   a = check came (ours) - request came (theirs) = clocks' difference + way there
 *   b = record came (ours) - attempt ended (theirs) = clocks' difference + lag
 *   lag = b - least a
 * </pre>
 *
 * <p>The least a is that of the last {@value #WINDOW_SECONDS} s to twice as long, because clocks drift. Where a clock is set back
 * every a is greater all at once, so {@value #STEPPED} in a row that are tell that.
 */
final class ReleaseLag {
    private static final long WINDOW_SECONDS = 30;
    private static final int STEPPED = 4;
    private static final long STEP_MICROS = 500_000;
    private static final double SHARE = 1.0 / 64;
    private static final double MAX_MEAN_SECONDS = 0.25;
    private static final double MAX_SECONDS = 60;
    private static final int SIDECARS = 4_096;

    private final Map<String, Least> leastAhead = new HashMap<>();
    private double mean = 0.001;

    /** The least of a window and of the one before. */
    private static final class Least {
        private long sinceMicros;
        private long least = Long.MAX_VALUE;
        private long before = Long.MAX_VALUE;
        private int greater;
        private long leastGreater;

        long with(long ahead, long nowMicros) {
            long age = nowMicros - sinceMicros;
            if (age < 0 || age > WINDOW_SECONDS * 1_000_000) {
                before = age < 0 || age > 2 * WINDOW_SECONDS * 1_000_000 ? Long.MAX_VALUE : least;
                least = Long.MAX_VALUE;
                sinceMicros = nowMicros;
            }
            if (ahead - Math.min(least, before) > STEP_MICROS && Math.min(least, before) != Long.MAX_VALUE) {
                leastGreater = greater++ == 0 ? ahead : Math.min(leastGreater, ahead);
            } else {
                greater = 0;
            }
            if (greater == STEPPED) {
                greater = 0;
                before = Long.MAX_VALUE;
                least = leastGreater;
            }
            least = Math.min(least, ahead);
            return Math.min(least, before);
        }
    }

    /**
     * Takes a measurement, all in microseconds; the first and the last by our monotonic clock, the others by the sidecar's.
     *
     * @return this record's lag, seconds, 0-{@value #MAX_SECONDS}
     */
    double heard(String sidecar, long checked, long requestCame, long attemptEnded, long now) {
        if (leastAhead.size() >= SIDECARS && !leastAhead.containsKey(sidecar)) {
            leastAhead.clear();
        }
        long least = leastAhead.computeIfAbsent(sidecar, s -> new Least()).with(checked - requestCame, now);
        double lag = Math.max(0, Math.min(MAX_SECONDS, (now - attemptEnded - least) / 1e6));
        mean += SHARE * (Math.min(MAX_MEAN_SECONDS, lag) - mean);
        return lag;
    }

    /** The mean, seconds. */
    double seconds() {
        return mean;
    }
}
