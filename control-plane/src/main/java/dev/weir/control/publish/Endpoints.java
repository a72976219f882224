package dev.weir.control.publish;

import com.google.protobuf.Struct;
import dev.weir.control.model.Config;
import dev.weir.xds.resource.TypedStructs;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.util.List;
import java.util.Map;

/** Where a provider is reached. */
final class Endpoints {
    private Endpoints() {}

    /**
     * The provider itself.
     *
     * @param cluster name of the cluster
     * @param addresses IP addresses; none = the cluster has no endpoint
     */
    static ClusterLoadAssignment of(String cluster, Config.Provider provider, List<String> addresses) {
        return of(cluster, provider.name(), authority(provider), provider.port(), addresses);
    }

    /** What consumers call: the side before the provider where there is one. */
    static ClusterLoadAssignment toConsumers(String cluster, Config.Provider provider, List<String> addresses) {
        return provider.side()
                .map(side -> of(
                        cluster, provider.name(), bracketed(side.host()) + ":" + side.port(), side.port(), addresses))
                .orElseGet(() -> of(cluster, provider, addresses));
    }

    private static ClusterLoadAssignment of(
            String cluster, String provider, String authority, int port, List<String> addresses) {
        // never changes for a host: Envoy replaces metadata in place while its workers may be reading it
        Struct name = TypedStructs.struct(Map.of("provider", provider));
        LocalityLbEndpoints.Builder locality = LocalityLbEndpoints.newBuilder();
        for (String address : addresses) {
            locality.addLbEndpoints(LbEndpoint.newBuilder()
                    .setEndpoint(Endpoint.newBuilder()
                            .setHostname(authority)
                            .setAddress(Address.newBuilder()
                                    .setSocketAddress(SocketAddress.newBuilder()
                                            .setAddress(address)
                                            .setPortValue(port))))
                    .setMetadata(Metadata.newBuilder().putFilterMetadata(PoolRoute.METADATA, name)));
        }
        ClusterLoadAssignment.Builder assignment =
                ClusterLoadAssignment.newBuilder().setClusterName(cluster);
        return (addresses.isEmpty() ? assignment : assignment.addEndpoints(locality)).build();
    }

    private static String bracketed(String host) {
        return host.contains(":") ? "[" + host + "]" : host;
    }

    /** The {@code Host} that the provider sees. */
    private static String authority(Config.Provider provider) {
        String host = bracketed(provider.host());
        int usual = provider.tls().isPresent() ? 443 : 80;
        return provider.port() == usual ? host : host + ":" + provider.port();
    }
}
