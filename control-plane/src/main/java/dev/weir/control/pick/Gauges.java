package dev.weir.control.pick;

import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.LoadReport.ClusterLoad;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Requests in flight per cluster as sidecars report them: the newest, and the least and most since the last {@link #turn}. A
 * report is older than our own count, so only what was more, or less, for a whole turn says something.
 *
 * <p>Serial.
 */
final class Gauges {
    private static final long LIFE_NANOS = 6_000_000_000L;
    private static final long FRESH_NANOS = 1_500_000_000L;
    private static final int SIDECARS = 16_384;
    private static final long LIMIT = 1_000_000;

    /** By node id, then by number of those that share it. */
    private final Map<String, Map<Integer, Sidecar>> nodes = new HashMap<>();

    private final Set<String> connected = new HashSet<>();

    private static final class Sidecar {
        private long reportedNanos;
        private final Map<String, Range> clusters = new HashMap<>();
    }

    private static final class Range {
        private long newest;
        private long least;
        private long most;
        private boolean named;
    }

    void connection(String node, boolean open) {
        if (open) {
            connected.add(node);
        } else {
            connected.remove(node);
            nodes.remove(node);
        }
    }

    void report(LoadReport report) {
        if (nodes.size() >= SIDECARS && !nodes.containsKey(report.node())) {
            return;
        }
        Sidecar sidecar = nodes.computeIfAbsent(report.node(), n -> new HashMap<>())
                .computeIfAbsent(report.instance(), n -> new Sidecar());
        sidecar.reportedNanos = report.receivedNanos();
        sidecar.clusters.values().forEach(range -> range.named = false);
        for (ClusterLoad load : report.clusters()) {
            Range range = sidecar.clusters.computeIfAbsent(load.cluster(), c -> new Range());
            range.named = true;
            set(range, Math.max(0, Math.min(LIMIT, load.inFlight())));
        }
        // a cluster that is not reported has nothing in flight
        sidecar.clusters.values().stream().filter(range -> !range.named).forEach(range -> set(range, 0));
    }

    private static void set(Range range, long value) {
        range.newest = value;
        range.least = Math.min(range.least, value);
        range.most = Math.max(range.most, value);
    }

    /** Whether every connected sidecar has reported lately: what is not in the gauges is nowhere. */
    boolean complete(long nowNanos) {
        for (String node : connected) {
            Map<Integer, Sidecar> known = nodes.getOrDefault(node, Map.of());
            if (known.isEmpty()
                    || known.values().stream().anyMatch(each -> nowNanos - each.reportedNanos > FRESH_NANOS)) {
                return false;
            }
        }
        return true;
    }

    long newest(String cluster) {
        return sidecars()
                .map(each -> each.clusters.get(cluster))
                .filter(range -> range != null)
                .mapToLong(range -> range.newest)
                .sum();
    }

    long least(String cluster) {
        return sidecars()
                .map(each -> each.clusters.get(cluster))
                .filter(range -> range != null)
                .mapToLong(range -> range.least)
                .sum();
    }

    long most(String cluster) {
        return sidecars()
                .map(each -> each.clusters.get(cluster))
                .filter(range -> range != null)
                .mapToLong(range -> range.most)
                .sum();
    }

    /** Least and most begin anew, and those who are silent are forgotten. */
    void turn(long nowNanos) {
        nodes.values().forEach(known -> known.values().removeIf(each -> nowNanos - each.reportedNanos > LIFE_NANOS));
        nodes.values().removeIf(Map::isEmpty);
        sidecars().forEach(sidecar -> {
            sidecar.clusters.values().removeIf(range -> range.newest == 0 && range.most == 0);
            sidecar.clusters.values().forEach(range -> {
                range.least = range.newest;
                range.most = range.newest;
            });
        });
    }

    private Stream<Sidecar> sidecars() {
        return nodes.values().stream().flatMap(known -> known.values().stream());
    }
}
