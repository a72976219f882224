package dev.weir.control.pick;

import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.LoadReport.ClusterLoad;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * Requests in flight per cluster as sidecars report them: the newest, and the least and most since the last {@link #turn}. A
 * report is older than our own count, so only what was more, or less, for a whole turn says something.
 *
 * <p>A line may hold reports back and then bring them all at once; each tells of the time when it was taken. That much a report is
 * late whose predecessor came longer ago than the interval that it says it covers, which is the sidecar's own measure; what was
 * inferred wrongly, as of a sidecar that was started anew, is forgotten within some {@value #FORGET_SECONDS} s.
 *
 * <p>A sidecar whose streams broke goes on serving, and Envoy redials a load-report stream after a fixed 5 s. So one that was
 * heard of counts among those that must have reported for as long as that and a little longer, connected or not; and whoever
 * may have been there before this process has that long to be heard of.
 *
 * <p>Not safe for several threads.
 */
final class Gauges {
    /** Least time without a report after which a sidecar is silent. */
    private static final long SILENT_NANOS = 1_500_000_000L;

    /** Envoy's redial, 5 s, and what a connection takes. */
    private static final long REDIAL_NANOS = 6_500_000_000L;

    private static final int FORGET_SECONDS = 10;
    private static final int SIDECARS = 16_384;
    private static final long LIMIT = 1_000_000;

    /** By node id, then by number of those that share it. */
    private final Map<String, Map<Integer, Sidecar>> nodes = new HashMap<>();

    private final Set<String> connected = new HashSet<>();
    private final long startNanos;
    private long silentNanos = SILENT_NANOS;

    private static final class Sidecar {
        private long reportedNanos;
        /** By how much its newest report came later than the one that came soonest. */
        private long lateNanos;

        private final Map<String, Range> clusters = new HashMap<>();

        Sidecar(long reportedNanos) {
            this.reportedNanos = reportedNanos;
        }

        /** The time until which its reports tell. */
        private long takenNanos() {
            return reportedNanos - lateNanos;
        }

        /** Takes note of when a report came that covers an interval of its own measure. */
        private void reported(long atNanos, long intervalNanos) {
            long gap = Math.max(0, atNanos - reportedNanos);
            double kept = Math.max(0, 1 - gap / (FORGET_SECONDS * 1e9));
            lateNanos = Math.max(0, (long) (lateNanos * kept) + gap - intervalNanos);
            reportedNanos = atNanos;
        }
    }

    private static final class Range {
        private long newest;
        private long least;
        private long most;
        private boolean named;
    }

    /** @param startNanos when this process began to listen */
    Gauges(long startNanos) {
        this.startNanos = startNanos;
    }

    /** Takes note of how often sidecars are asked to report. */
    void expect(Duration interval) {
        silentNanos = Math.max(SILENT_NANOS, 5 * interval.toNanos() / 2);
    }

    /** Takes note that a sidecar's discovery stream opened or ended. */
    void connection(String node, boolean open) {
        if (open) {
            connected.add(node);
        } else {
            connected.remove(node);
        }
    }

    void report(LoadReport report) {
        if (nodes.size() >= SIDECARS && !nodes.containsKey(report.node())) {
            return;
        }
        Map<Integer, Sidecar> known = nodes.computeIfAbsent(report.node(), n -> new HashMap<>());
        boolean first = !known.containsKey(report.instance());
        Sidecar sidecar = known.computeIfAbsent(report.instance(), n -> new Sidecar(report.receivedNanos()));
        sidecar.reported(
                report.receivedNanos(),
                report.clusters().stream()
                        .mapToLong(ClusterLoad::intervalNanos)
                        .max()
                        .orElse(report.receivedNanos() - sidecar.reportedNanos));
        sidecar.clusters.values().forEach(range -> range.named = false);
        for (ClusterLoad load : report.clusters()) {
            long value = Math.max(0, Math.min(LIMIT, load.inFlight()));
            Range range = sidecar.clusters.computeIfAbsent(load.cluster(), c -> new Range());
            range.named = true;
            range.least = first ? value : range.least;
            set(range, value);
        }
        // a cluster that is not reported has nothing in flight
        sidecar.clusters.values().stream().filter(range -> !range.named).forEach(range -> set(range, 0));
    }

    private static void set(Range range, long value) {
        range.newest = value;
        range.least = Math.min(range.least, value);
        range.most = Math.max(range.most, value);
    }

    /**
     * The time until which every sidecar has reported: what was in flight then, and still is, is in {@link #most}, also while
     * some are silent. Empty while a sidecar may be there that never reported, or none is known.
     */
    OptionalLong reportedUntil(long nowNanos) {
        if (nowNanos - startNanos < lifeNanos()
                || nodes.isEmpty()
                || !nodes.keySet().containsAll(connected)) {
            return OptionalLong.empty();
        }
        long oldest = 0;
        for (Map<Integer, Sidecar> known : nodes.values()) {
            for (Sidecar each : known.values()) {
                oldest = Math.max(oldest, nowNanos - each.takenNanos());
            }
        }
        return OptionalLong.of(nowNanos - oldest);
    }

    /** Whether what is in flight is known: every connected sidecar has reported, or has had the time to. */
    boolean known(long nowNanos) {
        return nowNanos - startNanos >= lifeNanos()
                || (!connected.isEmpty() && nodes.keySet().containsAll(connected));
    }

    /** Whether no sidecar is silent. */
    boolean fresh(long nowNanos) {
        return nodes.values().stream()
                .flatMap(known -> known.values().stream())
                .allMatch(each -> nowNanos - each.reportedNanos <= silentNanos);
    }

    /** The newest gauges of a cluster, of sidecars that were heard of lately. */
    long newest(String cluster, long nowNanos) {
        return sum(cluster, range -> range.newest, nowNanos, lifeNanos());
    }

    /** The least gauges of a cluster, of sidecars that were heard of lately. */
    long least(String cluster, long nowNanos) {
        return sum(cluster, range -> range.least, nowNanos, lifeNanos());
    }

    long most(String cluster, long nowNanos) {
        return sum(cluster, range -> range.most, nowNanos, Long.MAX_VALUE);
    }

    private long sum(String cluster, ToLongFunction<Range> value, long nowNanos, long oldest) {
        long sum = 0;
        for (Map<Integer, Sidecar> known : nodes.values()) {
            for (Sidecar each : known.values()) {
                Range range = each.clusters.get(cluster);
                if (range != null && nowNanos - each.reportedNanos <= oldest) {
                    sum += value.applyAsLong(range);
                }
            }
        }
        return sum;
    }

    /** Begins least and most anew, and forgets sidecars that left and are silent. */
    void turn(long nowNanos) {
        nodes.forEach((node, known) -> {
            boolean heard = known.values().stream().anyMatch(each -> nowNanos - each.reportedNanos <= silentNanos);
            // of those that share a connected node's id, the one that still reports is the one that is connected
            known.values()
                    .removeIf(each ->
                            nowNanos - each.reportedNanos > lifeNanos() && (heard || !connected.contains(node)));
        });
        nodes.values().removeIf(Map::isEmpty);
        nodes.values().stream().flatMap(known -> known.values().stream()).forEach(sidecar -> {
            sidecar.clusters.values().removeIf(range -> range.newest == 0 && range.most == 0);
            sidecar.clusters.values().forEach(range -> {
                range.least = range.newest;
                range.most = range.newest;
            });
        });
    }

    private long lifeNanos() {
        return REDIAL_NANOS + silentNanos;
    }
}
