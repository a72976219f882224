package dev.weir.control.loop;

import dev.weir.control.threads.OneThread;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.LoadReport.ClusterLoad;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Gauges and counters from load reports, per sidecar and cluster. Gauges of one sidecar replace each other, gauges of
 * different sidecars add, of those that wrongly share a node id as well; counters add up until they are taken.
 *
 * <p>A gauge lives for {@link #GAUGE_LIFE_NANOS} after its sidecar's last report, because Envoy redials a lost load-report
 * stream after a fixed five seconds; of one that misses two reports it is no sign of life, nor of the lack of it: the sidecar may be
 * gone with its calls. What no sidecar can have (more than a million requests in flight in one cluster) is
 * clipped and counted.
 *
 * <p>Belongs to the loop's thread: on any other its methods throw {@link IllegalStateException}.
 */
final class LoadState {
    static final long GAUGE_LIFE_NANOS = 6_000_000_000L;
    static final long GAUGE_LIMIT = 1_000_000;

    private static final long FIRST_GAP_NANOS = 250_000_000L;
    private static final long REPORTS_MISSED = 2;
    private static final long GRACE_NANOS = 250_000_000L;

    private final OneThread thread;
    private final Map<Key, Sidecar> sidecars = new HashMap<>();
    private final Map<String, Long> issued = new HashMap<>();
    private long clipped;

    LoadState(OneThread thread) {
        this.thread = thread;
    }

    private record Key(String node, int instance) {}

    void report(LoadReport report) {
        thread.check();
        Sidecar sidecar = sidecars.computeIfAbsent(new Key(report.node(), report.instance()), n -> new Sidecar());
        sidecar.report(report.receivedNanos());
        sidecar.inFlight.clear();
        for (ClusterLoad load : report.clusters()) {
            sidecar.inFlight.merge(load.cluster(), clip(load.inFlight()), Long::sum);
            long count = clip(load.issued());
            if (count > 0) {
                issued.merge(load.cluster(), count, Long::sum);
            }
        }
    }

    /** Forgets sidecars whose last report is older than a gauge's life. */
    void expire(long nowNanos) {
        thread.check();
        for (Iterator<Sidecar> all = sidecars.values().iterator(); all.hasNext(); ) {
            if (nowNanos - all.next().lastReportNanos > GAUGE_LIFE_NANOS) {
                all.remove();
            }
        }
    }

    boolean hasReported(String node) {
        thread.check();
        return sidecars.keySet().stream().anyMatch(key -> key.node().equals(node));
    }

    /** Requests in flight in a cluster over all sidecars. */
    long inFlight(String cluster) {
        thread.check();
        long sum = 0;
        for (Sidecar sidecar : sidecars.values()) {
            sum += sidecar.inFlight.getOrDefault(cluster, 0L);
        }
        return Math.min(sum, GAUGE_LIMIT);
    }

    /** Of the requests in flight in a cluster, those of sidecars that are overdue with their report. */
    long unheard(String cluster, long nowNanos) {
        thread.check();
        long sum = 0;
        for (Sidecar sidecar : sidecars.values()) {
            sum += sidecar.overdue(nowNanos) ? sidecar.inFlight.getOrDefault(cluster, 0L) : 0;
        }
        return Math.min(sum, GAUGE_LIMIT);
    }

    /** Requests issued to a cluster since they were taken last. */
    long takeIssued(String cluster) {
        thread.check();
        Long count = issued.remove(cluster);
        return count == null ? 0 : count;
    }

    /** Age of the newest report of any sidecar, -1 when none is known. */
    long ageNanos(long nowNanos) {
        thread.check();
        long age = -1;
        for (Sidecar sidecar : sidecars.values()) {
            long own = Math.max(0, nowNanos - sidecar.lastReportNanos);
            age = age < 0 ? own : Math.min(age, own);
        }
        return age;
    }

    /** Values clipped since the start. */
    long clipped() {
        thread.check();
        return clipped;
    }

    private long clip(long value) {
        if (value < 0 || value > GAUGE_LIMIT) {
            clipped++;
            return value < 0 ? 0 : GAUGE_LIMIT;
        }
        return value;
    }

    private static final class Sidecar {
        private final Map<String, Long> inFlight = new HashMap<>();
        private long lastReportNanos;
        /** Time between its last two reports. */
        private long gapNanos = FIRST_GAP_NANOS;

        void report(long receivedNanos) {
            if (lastReportNanos != 0) {
                gapNanos = Math.min(GAUGE_LIFE_NANOS, Math.max(0, receivedNanos - lastReportNanos));
            }
            lastReportNanos = receivedNanos;
        }

        boolean overdue(long nowNanos) {
            return nowNanos - lastReportNanos > REPORTS_MISSED * gapNanos + GRACE_NANOS;
        }
    }
}
