package dev.weir.control.envoy;

import com.google.protobuf.Struct;
import dev.weir.control.model.Provider;
import dev.weir.xds.resource.TypedStructs;
import dev.weir.xds.wire.WeirMetadata;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where a provider is reached. Each address takes its turn, and whoever cannot connect to it goes on with the others at once,
 * or after 300 ms without an answer (Happy Eyeballs, RFC 8305): a host that listens in one family only, or a dead machine behind
 * a name, costs no call.
 */
final class Endpoints {
    /** Of one name that a connection is tried at. */
    private static final int MAX_ADDRESSES = 8;

    private Endpoints() {}

    /**
     * Endpoints of the provider itself.
     *
     * @param cluster name of the cluster
     * @param addresses IP addresses, at least one
     */
    static ClusterLoadAssignment of(String cluster, Provider provider, List<String> addresses) {
        return of(
                cluster,
                provider.name(),
                authority(provider),
                provider.endpoint().port(),
                addresses);
    }

    /** Endpoints that consumers call: the side before the provider where there is one. */
    static ClusterLoadAssignment toConsumers(String cluster, Provider provider, List<String> addresses) {
        return provider.proxy()
                .map(side -> of(
                        cluster, provider.name(), bracketed(side.host()) + ":" + side.port(), side.port(), addresses))
                .orElseGet(() -> of(cluster, provider, addresses));
    }

    private static ClusterLoadAssignment of(
            String cluster, String provider, String authority, int port, List<String> addresses) {
        // never changes for a host: Envoy replaces metadata in place while its workers may be reading it
        Struct name = TypedStructs.struct(Map.of(WeirMetadata.PROVIDER, provider));
        List<String> mixed = mixed(addresses);
        LocalityLbEndpoints.Builder locality = LocalityLbEndpoints.newBuilder();
        for (int i = 0; i < mixed.size(); i++) {
            Endpoint.Builder endpoint =
                    Endpoint.newBuilder().setHostname(authority).setAddress(address(mixed.get(i), port));
            for (int next = 1; next < Math.min(mixed.size(), MAX_ADDRESSES); next++) {
                endpoint.addAdditionalAddresses(Endpoint.AdditionalAddress.newBuilder()
                        .setAddress(address(mixed.get((i + next) % mixed.size()), port)));
            }
            locality.addLbEndpoints(LbEndpoint.newBuilder()
                    .setEndpoint(endpoint)
                    .setMetadata(Metadata.newBuilder().putFilterMetadata(WeirMetadata.NAMESPACE, name)));
        }
        ClusterLoadAssignment.Builder assignment =
                ClusterLoadAssignment.newBuilder().setClusterName(cluster);
        return assignment.addEndpoints(locality).build();
    }

    /** The families in turn, in each of them the order as it was: whoever follows any address is of the other one. */
    private static List<String> mixed(List<String> addresses) {
        List<String> v6 = addresses.stream().filter(each -> each.contains(":")).toList();
        List<String> v4 = addresses.stream().filter(each -> !each.contains(":")).toList();
        List<String> mixed = new ArrayList<>();
        for (int i = 0; i < Math.max(v4.size(), v6.size()); i++) {
            v4.stream().skip(i).findFirst().ifPresent(mixed::add);
            v6.stream().skip(i).findFirst().ifPresent(mixed::add);
        }
        return mixed;
    }

    private static Address address(String ip, int port) {
        return Address.newBuilder()
                .setSocketAddress(SocketAddress.newBuilder().setAddress(ip).setPortValue(port))
                .build();
    }

    private static String bracketed(String host) {
        return host.contains(":") ? "[" + host + "]" : host;
    }

    /** The {@code Host} that the provider sees. */
    private static String authority(Provider provider) {
        String host = bracketed(provider.endpoint().host());
        int usual = provider.endpoint().tls().isPresent() ? 443 : 80;
        return provider.endpoint().port() == usual
                ? host
                : host + ":" + provider.endpoint().port();
    }
}
