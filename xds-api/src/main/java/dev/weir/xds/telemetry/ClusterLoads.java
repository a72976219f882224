package dev.weir.xds.telemetry;

import com.google.protobuf.Duration;
import dev.weir.xds.PrintableText;
import dev.weir.xds.telemetry.LoadReport.ClusterLoad;
import dev.weir.xds.wire.ClusterName;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterStats;
import io.envoyproxy.envoy.config.endpoint.v3.UpstreamLocalityStats;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/** Makes loads of the statistics in a report; what cannot be is left out and told. */
final class ClusterLoads {
    /** More than any sidecar can have in flight or issue between two reports. */
    private static final long MAX_COUNT = 1_000_000_000;

    private static final long MAX_INTERVAL_SECONDS = 3_600;

    /** What is between pool and provider in a cluster's name; a sidecar's bootstrap clusters have none. */
    private static final String SEPARATOR = String.valueOf(ClusterName.BAR);

    private final Predicate<String> known;

    /** @param known whether a cluster has been published; asked for clusters of the mesh only */
    ClusterLoads(Predicate<String> known) {
        this.known = known;
    }

    /** @param rejected told a kind and a message, once per kind and report */
    List<ClusterLoad> read(List<ClusterStats> clusters, BiConsumer<String, String> rejected) {
        List<ClusterLoad> loads = new ArrayList<>(clusters.size());
        Set<String> seen = new HashSet<>();
        Set<String> told = new HashSet<>();
        for (ClusterStats stats : clusters) {
            String name = stats.getClusterName();
            if (!name.contains(SEPARATOR)) {
                continue;
            }
            String kind = "";
            String message = "";
            ClusterLoad load = load(stats);
            if (!known.test(name)) {
                kind = "unknown_cluster";
                message = "(expected: a published cluster)";
            } else if (!seen.add(name)) {
                kind = "repeated_cluster";
                message = "(expected: once in a report)";
            } else if (!sane(load)) {
                kind = "load_range";
                message = load + " (expected: counts of 0 - " + MAX_COUNT + ", interval of 1 ns - "
                        + MAX_INTERVAL_SECONDS + " s)";
            }
            if (kind.isEmpty()) {
                loads.add(load);
            } else if (told.add(kind)) {
                rejected.accept(kind, "cluster \"" + PrintableText.shown(name, 64) + "\": " + message);
            }
        }
        return loads;
    }

    /** A cluster's load. An idle cluster has no localities: all zero. */
    private static ClusterLoad load(ClusterStats stats) {
        long inFlight = 0;
        long issued = 0;
        long succeeded = 0;
        long failed = 0;
        for (UpstreamLocalityStats locality : stats.getUpstreamLocalityStatsList()) {
            inFlight = add(inFlight, locality.getTotalRequestsInProgress());
            issued = add(issued, locality.getTotalIssuedRequests());
            succeeded = add(succeeded, locality.getTotalSuccessfulRequests());
            failed = add(failed, locality.getTotalErrorRequests());
        }
        return new ClusterLoad(
                stats.getClusterName(), inFlight, issued, succeeded, failed, nanos(stats.getLoadReportInterval()));
    }

    /** The sum of two counts, unsigned on the wire; anything that does not fit stays out of range. */
    private static long add(long sum, long value) {
        return sum < 0 || value < 0 || value > MAX_COUNT ? -1 : sum + value;
    }

    private static long nanos(Duration interval) {
        long seconds = interval.getSeconds();
        return seconds < 0 || seconds > MAX_INTERVAL_SECONDS ? -1 : seconds * 1_000_000_000 + interval.getNanos();
    }

    private static boolean sane(ClusterLoad load) {
        return counts(load.inFlight())
                && counts(load.issued())
                && counts(load.succeeded())
                && counts(load.failed())
                && load.intervalNanos() > 0;
    }

    private static boolean counts(long value) {
        return value >= 0 && value <= MAX_COUNT;
    }
}
