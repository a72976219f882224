package dev.weir.control.loop;

import dev.weir.control.model.ClusterName;
import dev.weir.weights.bounce.SideCounts;
import dev.weir.xds.telemetry.LoadReport;
import java.util.HashSet;
import java.util.Set;

/**
 * What the sides of providers report. Kept apart from consumers' reports: a side has an interest in what it says, so it is
 * heard about its own two clusters and about nothing else, and the split never hears it.
 *
 * <p>Owned by the loop's thread.
 */
final class SideBook {
    private final LoadBook loads = new LoadBook();
    private final Set<String> nodes = new HashSet<>();
    private final Set<String> left = new HashSet<>();

    void connected(String node) {
        nodes.add(node);
        left.remove(node);
    }

    /** It stays known as a side while its last report lives. */
    void disconnected(String node) {
        if (nodes.contains(node)) {
            left.add(node);
        }
    }

    /** Takes the report if it is a side's; false = it is a consumer's. */
    boolean report(LoadReport report) {
        if (!nodes.contains(report.node())) {
            return false;
        }
        loads.report(report);
        return true;
    }

    void expire(long nowNanos) {
        loads.expire(nowNanos);
        left.removeIf(node -> {
            boolean silent = !loads.hasReported(node);
            if (silent) {
                nodes.remove(node);
            }
            return silent;
        });
    }

    SideCounts counts(String provider) {
        return new SideCounts(
                loads.inFlight(ClusterName.firstAttempts(provider)),
                loads.inFlight(ClusterName.furtherAttempts(provider)));
    }

    long clipped() {
        return loads.clipped();
    }
}
