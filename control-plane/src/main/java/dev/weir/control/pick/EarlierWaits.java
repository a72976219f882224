package dev.weir.control.pick;

import dev.weir.control.pick.CheckQueue.QueuedCheck;
import dev.weir.xds.check.CheckedRequest;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How long a request had waited before it was asked for here: after a restart it is asked for again, and so it is when its
 * connection broke.
 *
 * <p>What was held here and left is remembered. Of what an earlier process held only the sidecar knows when it came, by a wall
 * clock that may be wrong by any amount, or set at any time. So that clock is asked for no longer than a restart can explain,
 * {@value #RECALL_SECONDS} s, and then only for differences:
 *
 * <pre>
 *   a = check came (ours, monotonic) - request came (theirs) = clocks' difference + waited
 *   waited = a - least a of the same connection
 * </pre>
 *
 * Not safe for several threads.
 */
final class EarlierWaits {
    /** Sidecars try again for some 50 s at most. */
    static final long RECALL_SECONDS = 60;

    private static final long RECALL_NANOS = RECALL_SECONDS * 1_000_000_000L;
    private static final int ASKERS = 16_384;
    private static final int REMEMBERED = 4_096;

    private final long startNanos;
    private final Map<String, Long> least = new HashMap<>();
    /** By request id: the places of those that left, the oldest first. */
    private final Map<String, Long> left = new LinkedHashMap<>();

    /** @param startNanos when this process began to listen */
    EarlierWaits(long startNanos) {
        this.startNanos = startNanos;
    }

    /** Takes note that a held check's connection broke, or its agent left. */
    void left(QueuedCheck held) {
        if (left.size() == REMEMBERED) {
            left.remove(left.keySet().iterator().next());
        }
        left.put(held.check.requestId(), held.placeNanos);
    }

    /** Whether the clocks of sidecars are still asked. */
    private boolean recalls(CheckedRequest check, long atNanos) {
        boolean recalls = atNanos - startNanos < RECALL_NANOS;
        if (!recalls) {
            least.clear();
        }
        return recalls && check.arrivedMicros() != 0;
    }

    private static long difference(CheckedRequest check, long atNanos) {
        return atNanos / 1_000 - check.arrivedMicros();
    }

    /**
     * Takes note that a check came.
     *
     * @return by how much, nanoseconds, those of the same connection have waited longer than was thought
     */
    long heard(CheckedRequest check, long atNanos) {
        if (!recalls(check, atNanos) || (least.size() >= ASKERS && !least.containsKey(check.asker()))) {
            return 0;
        }
        long difference = difference(check, atNanos);
        Long before = least.put(check.asker(), Math.min(difference, least.getOrDefault(check.asker(), difference)));
        return before == null ? 0 : explained(before - difference);
    }

    /** How long a request had waited, nanoseconds, 0 - {@code longestNanos}. */
    long of(CheckedRequest check, long longestNanos, long atNanos) {
        Long place = left.remove(check.requestId());
        Long known = recalls(check, atNanos) ? least.get(check.asker()) : null;
        long waited = 0;
        if (place != null) {
            waited = atNanos - place;
        } else if (known != null) {
            waited = explained(difference(check, atNanos) - known);
        }
        return Math.max(0, Math.min(longestNanos, waited));
    }

    /** The wait that a restart explains, nanoseconds; 0 where no restart takes as long: a clock was set. */
    private static long explained(long micros) {
        return micros > 0 && micros < 1_000_000 * RECALL_SECONDS ? 1_000 * micros : 0;
    }
}
