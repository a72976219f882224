package dev.weir.control.envoy;

import dev.weir.xds.delivery.SidecarView;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Clusters that the configuration no longer has. They stay with the sidecars until the longest stream that they may hold has
 * ended and every connected sidecar has accepted the routes without them. Times are monotonic, but for what names a connection.
 */
final class RetiredClusters {
    private final Map<String, Entry> entries = new TreeMap<>();

    /**
     * @param endpoints empty = only the sidecars know any
     * @param routesBefore per node that was connected at {@code sinceMillis}: its connection and the routes it had
     */
    private record Entry(
            Cluster cluster,
            Optional<ClusterLoadAssignment> endpoints,
            long sinceMillis,
            long drainMillis,
            Map<String, Before> routesBefore) {}

    private record Before(long connectedSinceMillis, String version) {}

    boolean isEmpty() {
        return entries.isEmpty();
    }

    List<Cluster> clusters() {
        return entries.values().stream().map(Entry::cluster).toList();
    }

    List<ClusterLoadAssignment> endpoints() {
        return entries.values().stream()
                .flatMap(entry -> entry.endpoints.stream())
                .toList();
    }

    /**
     * @param endpoints empty = only the sidecars know any
     * @param drainMillis how long a request that was sent there may still run
     */
    void add(
            Cluster cluster,
            Optional<ClusterLoadAssignment> endpoints,
            long nowMillis,
            long drainMillis,
            List<SidecarView> sidecars) {
        Map<String, Before> before = new HashMap<>();
        for (SidecarView sidecar : sidecars) {
            before.put(sidecar.node(), new Before(sidecar.connectedSinceMillis(), SidecarAcks.routesVersion(sidecar)));
        }
        entries.put(cluster.getName(), new Entry(cluster, endpoints, nowMillis, drainMillis, before));
    }

    /** Forgets clusters that came back. */
    void forget(Collection<String> names) {
        entries.keySet().removeAll(names);
    }

    /** Drops what nobody needs any more; true when there was any. */
    boolean expire(long nowMillis, List<SidecarView> sidecars) {
        return entries.values()
                .removeIf(entry -> nowMillis - entry.sinceMillis >= entry.drainMillis
                        && sidecars.stream()
                                .allMatch(sidecar -> moved(sidecar, entry.routesBefore.get(sidecar.node()))));
    }

    private static boolean moved(SidecarView sidecar, @Nullable Before before) {
        boolean unmoved = before != null
                && before.connectedSinceMillis == sidecar.connectedSinceMillis()
                && before.version.equals(SidecarAcks.routesVersion(sidecar));
        return SidecarAcks.routes(sidecar) && !unmoved;
    }
}
