package dev.weir.xds.telemetry;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Open load-report streams per node, and which of several sidecars with one node id each belongs to.
 *
 * <p>A sidecar that reconnects opens a new stream before the old one is seen to end, so a new stream takes the place of the
 * newest one before it. That one is dead, as a rule, and says no more. If it goes on saying something there are two sidecars
 * with one id, and it gets a place of its own.
 */
@ThreadSafe
final class OpenStreams {
    /** What an ended stream had sent arrives within this. */
    static final long LATE_NANOS = 1_000_000_000L;

    @GuardedBy("this")
    private final Map<String, IdentityHashMap<Object, Place>> nodes = new HashMap<>();

    private static final class Place {
        private int number;
        private boolean displaced;
        private long displacedNanos;
    }

    /** What becomes of a report. */
    enum Belongs {
        /** to a place that it had before */
        HERE,
        /** to a place that it gets now: another sidecar has the same id */
        ELSEWHERE_NOW,
        /** to a stream that is no more */
        NOWHERE
    }

    synchronized void opened(String node, Object stream, long nowNanos) {
        IdentityHashMap<Object, Place> streams = nodes.computeIfAbsent(node, any -> new IdentityHashMap<>());
        for (Place each : streams.values()) {
            if (each.number == 0 && !each.displaced) {
                each.displaced = true;
                each.displacedNanos = nowNanos;
            }
        }
        streams.put(stream, new Place());
    }

    synchronized Belongs report(String node, Object stream, long nowNanos) {
        IdentityHashMap<Object, Place> streams = nodes.get(node);
        Place place = streams == null ? null : streams.get(stream);
        if (streams == null || place == null) {
            return Belongs.NOWHERE;
        }
        if (!place.displaced) {
            return Belongs.HERE;
        }
        if (nowNanos - place.displacedNanos < LATE_NANOS) {
            return Belongs.NOWHERE;
        }
        int free = 1;
        while (taken(streams, free)) {
            free++;
        }
        place.displaced = false;
        place.number = free;
        return Belongs.ELSEWHERE_NOW;
    }

    private static boolean taken(IdentityHashMap<Object, Place> streams, int number) {
        return streams.values().stream().anyMatch(each -> !each.displaced && each.number == number);
    }

    /** Number among the sidecars with this id, 0 for the newest. */
    synchronized int number(String node, Object stream) {
        IdentityHashMap<Object, Place> streams = nodes.get(node);
        Place place = streams == null ? null : streams.get(stream);
        return place == null ? 0 : place.number;
    }

    /** Removes a stream; whether that was the node's last one. */
    synchronized boolean closed(String node, Object stream) {
        IdentityHashMap<Object, Place> streams = nodes.get(node);
        if (streams == null) {
            return false;
        }
        streams.remove(stream);
        if (streams.isEmpty()) {
            nodes.remove(node);
        }
        return streams.isEmpty();
    }
}
