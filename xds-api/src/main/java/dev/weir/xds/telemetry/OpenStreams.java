package dev.weir.xds.telemetry;

import java.util.HashMap;
import java.util.Map;

/** Open streams per node: a reconnecting sidecar's new stream may open before the old one is seen to end. Threadsafe. */
final class OpenStreams {
    private final Map<String, Integer> counts = new HashMap<>();

    synchronized void opened(String node) {
        counts.merge(node, 1, Integer::sum);
    }

    /** Whether that was the node's last one. */
    synchronized boolean closed(String node) {
        return counts.merge(node, -1, (open, one) -> open + one == 0 ? null : open + one) == null;
    }
}
