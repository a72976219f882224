package dev.weir.control.pick;

import java.util.HashMap;
import java.util.Map;

/**
 * The time from an attempt's end to our hearing of it, measured whatever the sidecar's clock says.
 *
 * <pre>
 *   a = check came (ours) - request came (theirs) = clocks' difference + way there
 *   b = record came (ours) - attempt ended (theirs) = clocks' difference + lag
 *   lag = mean of (b - least a)
 * </pre>
 *
 * <p>The least a is followed upwards by 10 us per record, because clocks drift.
 */
final class ReleaseLag {
    private static final double SHARE = 1.0 / 64;
    private static final long DRIFT_MICROS = 10;
    private static final long MOST_MICROS = 250_000;
    private static final int SIDECARS = 4_096;

    private final Map<String, Long> leastAhead = new HashMap<>();
    private double micros = 1_000;

    /** All in microseconds since 1970; the first and the last are our clock's. */
    void heard(String sidecar, long checked, long requestCame, long attemptEnded, long now) {
        if (leastAhead.size() >= SIDECARS && !leastAhead.containsKey(sidecar)) {
            leastAhead.clear();
        }
        long ahead = checked - requestCame;
        long least = leastAhead.merge(sidecar, ahead, (old, own) -> Math.min(old + DRIFT_MICROS, own));
        long lag = Math.max(0, Math.min(MOST_MICROS, now - attemptEnded - least));
        micros += SHARE * (lag - micros);
    }

    double seconds() {
        return micros / 1e6;
    }
}
