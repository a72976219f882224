package dev.weir.control.publish;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import dev.weir.control.model.ClusterName;
import dev.weir.control.model.Config;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.Thresholds;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.EdsClusterConfig;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.RoutingPriority;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher.SanType;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One cluster per provider and pool. They change with the configuration only. */
final class Clusters {
    private static final Logger log = LoggerFactory.getLogger(Clusters.class);

    /** Where Debian, Ubuntu, Alpine and Envoy's own images keep the authorities that the system trusts. */
    private static final String SYSTEM_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";

    private static final int LARGEST_AUTHORITIES = 1 << 20;
    private static final Pattern IP = Pattern.compile("[0-9.]+|.*:.*");

    /** Sidecars do not limit: a consumer's limit sheds, it never goes elsewhere. Envoy's defaults (1024, 3 retries) would. */
    private static final int UNLIMITED = 1_000_000;

    /** Where requests wait while their body is being read. */
    static final Cluster UNREAD = Cluster.newBuilder()
            .setName(FixedRoutes.UNREAD_CLUSTER)
            .setType(DiscoveryType.STATIC)
            .build();

    private Clusters() {}

    /** By name. A provider whose authorities cannot be read has none, rather than one that trusts anybody. */
    static Map<String, Cluster> of(Config config) {
        Map<String, Optional<TransportSocket>> sockets = new HashMap<>();
        Map<String, Cluster> clusters = new TreeMap<>();
        for (Config.Provider provider : config.providers().values()) {
            if (provider.tls().isPresent()) {
                try {
                    sockets.put(provider.name(), Optional.of(tls(provider.tls().get())));
                } catch (IOException e) {
                    log.error(
                            "provider {} gets no traffic: its authorities cannot be read: {}",
                            provider.name(),
                            e.toString());
                }
            } else {
                sockets.put(provider.name(), Optional.empty());
            }
        }
        for (Config.Pool pool : config.pools().values()) {
            for (Config.Member member : pool.members()) {
                Optional<TransportSocket> socket = sockets.get(member.provider());
                if (socket != null) {
                    Cluster cluster = cluster(config, pool, member, socket);
                    clusters.put(cluster.getName(), cluster);
                }
            }
        }
        return clusters;
    }

    private static Cluster cluster(
            Config config, Config.Pool pool, Config.Member member, Optional<TransportSocket> socket) {
        Cluster.Builder cluster = Cluster.newBuilder()
                .setName(ClusterName.of(pool.name(), member.provider()))
                .setType(DiscoveryType.EDS)
                .setEdsClusterConfig(EdsClusterConfig.newBuilder()
                        .setEdsConfig(ConfigSource.newBuilder()
                                .setAds(AggregatedConfigSource.getDefaultInstance())
                                .setResourceApiVersion(ApiVersion.V3)
                                // a changed cluster waits for its endpoints no longer than this, and keeps those it has
                                .setInitialFetchTimeout(Durations.fromMillis(100))))
                .setConnectTimeout(Durations.fromSeconds(2))
                .setCircuitBreakers(CircuitBreakers.newBuilder()
                        .addThresholds(unlimited(RoutingPriority.DEFAULT))
                        .addThresholds(unlimited(RoutingPriority.HIGH)))
                .putTypedExtensionProtocolOptions(Upstream.OPTIONS, Any.pack(Upstream.options(config, pool, member)));
        socket.ifPresent(cluster::setTransportSocket);
        return cluster.build();
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

    private static TransportSocket tls(Config.Tls tls) throws IOException {
        boolean ip = IP.matcher(tls.serverName()).matches();
        UpstreamTlsContext.Builder context = UpstreamTlsContext.newBuilder()
                .setCommonTlsContext(CommonTlsContext.newBuilder()
                        .setValidationContext(CertificateValidationContext.newBuilder()
                                .setTrustedCa(authorities(tls.caFile()))
                                .addMatchTypedSubjectAltNames(SubjectAltNameMatcher.newBuilder()
                                        .setSanType(ip ? SanType.IP_ADDRESS : SanType.DNS)
                                        .setMatcher(StringMatcher.newBuilder().setExact(tls.serverName())))));
        if (!ip) {
            context.setSni(tls.serverName());
        }
        return TransportSocket.newBuilder()
                .setName("envoy.transport_sockets.tls")
                .setTypedConfig(Any.pack(context.build()))
                .build();
    }

    /** A file of ours is sent along, so that sidecars need no copy. */
    private static DataSource authorities(Optional<Path> file) throws IOException {
        if (file.isEmpty()) {
            return DataSource.newBuilder().setFilename(SYSTEM_AUTHORITIES).build();
        }
        Path path = file.get();
        if (Files.size(path) > LARGEST_AUTHORITIES) {
            throw new IOException(path + ": larger than " + LARGEST_AUTHORITIES + " bytes");
        }
        return DataSource.newBuilder()
                .setInlineBytes(ByteString.copyFrom(Files.readAllBytes(path)))
                .build();
    }
}
