package dev.weir.control.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import dev.weir.control.model.Config;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Provider;
import dev.weir.xds.wire.ClusterName;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.Thresholds;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.EdsClusterConfig;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.RoutingPriority;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Clusters of consumers, one per provider and pool, which change with the configuration only; and how any cluster is made. */
final class Clusters {
    /**
     * A limit that limits nothing, as sidecars do not: a consumer's limit sheds, it never goes elsewhere. Envoy's defaults
     * (1024, 3 retries) would.
     */
    private static final int UNLIMITED = 1_000_000;

    /** The cluster where requests wait while their body is being read. */
    static final Cluster UNREAD = Cluster.newBuilder()
            .setName(FixedRoutes.UNREAD_CLUSTER)
            .setType(DiscoveryType.STATIC)
            .build();

    private Clusters() {}

    /** All clusters of a consumer's sidecar, by name. */
    static Map<String, Cluster> of(Config config) {
        Map<String, Cluster> clusters = new TreeMap<>();
        for (Pool pool : config.pools().values()) {
            for (Pool.Member member : pool.members()) {
                Provider provider = config.providers().get(member.provider());
                if (provider != null) {
                    Cluster cluster = cluster(config, pool, member, Transport.toConsumers(provider));
                    clusters.put(cluster.getName(), cluster);
                }
            }
        }
        return clusters;
    }

    private static Cluster cluster(Config config, Pool pool, Pool.Member member, Optional<TransportSocket> socket) {
        String name = ClusterName.of(pool.name(), member.provider());
        return frame(name, socket, Upstream.options(config, pool, member))
                .setCircuitBreakers(CircuitBreakers.newBuilder()
                        .addThresholds(unlimited(RoutingPriority.DEFAULT))
                        .addThresholds(unlimited(RoutingPriority.HIGH)))
                .build();
    }

    /** A cluster, at a provider's side, with at most {@code most} requests in flight; the others are refused. */
    static Cluster limited(String name, int most, Optional<TransportSocket> socket, HttpProtocolOptions options) {
        return frame(name, socket, options)
                .setCircuitBreakers(CircuitBreakers.newBuilder()
                        .addThresholds(
                                unlimited(RoutingPriority.DEFAULT).toBuilder().setMaxRequests(UInt32Value.of(most))))
                .build();
    }

    private static Cluster.Builder frame(String name, Optional<TransportSocket> socket, HttpProtocolOptions options) {
        Cluster.Builder cluster = Cluster.newBuilder()
                .setName(name)
                .setType(DiscoveryType.EDS)
                .setEdsClusterConfig(EdsClusterConfig.newBuilder()
                        .setEdsConfig(ConfigSource.newBuilder()
                                .setAds(AggregatedConfigSource.getDefaultInstance())
                                .setResourceApiVersion(ApiVersion.V3)
                                // a changed cluster waits for its endpoints no longer than this, and keeps those it has
                                .setInitialFetchTimeout(Durations.fromMillis(100))))
                .setConnectTimeout(Durations.fromSeconds(2))
                .putTypedExtensionProtocolOptions(Upstream.OPTIONS, Any.pack(options));
        socket.ifPresent(cluster::setTransportSocket);
        return cluster;
    }

    private static Thresholds unlimited(RoutingPriority priority) {
        UInt32Value all = UInt32Value.of(UNLIMITED);
        return Thresholds.newBuilder()
                .setPriority(priority)
                .setMaxConnections(all)
                .setMaxPendingRequests(all)
                .setMaxRequests(all)
                .setMaxRetries(all)
                .build();
    }
}
