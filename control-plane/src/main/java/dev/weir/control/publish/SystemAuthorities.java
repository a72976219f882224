package dev.weir.control.publish;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Clusters with the path where a sidecar has the authorities that its system trusts. Most have them where
 * {@link Transport#SYSTEM} is, and all others share what is made for the first of them. Serial.
 */
final class SystemAuthorities {
    private final Map<String, IdentityHashMap<Cluster, Cluster>> placed = new HashMap<>();

    /** The clusters as they are for sidecars with their system's authorities at {@code path}. */
    List<Cluster> at(String path, List<Cluster> clusters) {
        if (path.equals(Transport.SYSTEM)) {
            return clusters;
        }
        IdentityHashMap<Cluster, Boolean> now = new IdentityHashMap<>();
        clusters.forEach(cluster -> now.put(cluster, true));
        IdentityHashMap<Cluster, Cluster> here = placed.computeIfAbsent(path, any -> new IdentityHashMap<>());
        here.keySet().removeIf(known -> !now.containsKey(known));
        List<Cluster> all = new ArrayList<>(clusters.size());
        clusters.forEach(cluster -> all.add(here.computeIfAbsent(cluster, each -> placed(path, each))));
        return all;
    }

    private static Cluster placed(String path, Cluster cluster) {
        if (!cluster.getTransportSocket().getTypedConfig().is(UpstreamTlsContext.class)) {
            return cluster;
        }
        try {
            UpstreamTlsContext.Builder context =
                    cluster.getTransportSocket().getTypedConfig().unpack(UpstreamTlsContext.class).toBuilder();
            var authorities = context.getCommonTlsContextBuilder()
                    .getValidationContextBuilder()
                    .getTrustedCaBuilder();
            if (!authorities.hasFilename()) {
                return cluster;
            }
            authorities.setFilename(path);
            Cluster.Builder elsewhere = cluster.toBuilder();
            elsewhere.getTransportSocketBuilder().setTypedConfig(Any.pack(context.build()));
            return elsewhere.build();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("cluster " + cluster.getName(), e);
        }
    }
}
