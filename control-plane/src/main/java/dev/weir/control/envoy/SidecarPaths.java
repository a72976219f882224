package dev.weir.control.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.xds.delivery.SidecarProfile;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Clusters with the paths of the files that a sidecar reads for them: the authorities that its system trusts, and its own
 * certificates. All sidecars with the same paths share what is made for the first of them. Not safe for several threads.
 */
final class SidecarPaths {
    private static final Paths USUAL = new Paths(Transport.SYSTEM, SidecarProfile.USUAL_CERTIFICATES);

    private final Map<Paths, IdentityHashMap<Cluster, Cluster>> placed = new HashMap<>();

    private record Paths(String authorities, String certificates) {}

    /** The clusters as they are for sidecars of this profile. */
    List<Cluster> of(SidecarProfile profile, List<Cluster> clusters) {
        Paths paths = new Paths(profile.authorities(), profile.certificates());
        if (paths.equals(USUAL)) {
            return clusters;
        }
        IdentityHashMap<Cluster, Boolean> now = new IdentityHashMap<>();
        clusters.forEach(cluster -> now.put(cluster, true));
        IdentityHashMap<Cluster, Cluster> here = placed.computeIfAbsent(paths, any -> new IdentityHashMap<>());
        here.keySet().removeIf(known -> !now.containsKey(known));
        List<Cluster> all = new ArrayList<>(clusters.size());
        clusters.forEach(cluster -> all.add(here.computeIfAbsent(cluster, each -> placed(paths, each))));
        return all;
    }

    private static Cluster placed(Paths paths, Cluster cluster) {
        if (!cluster.getTransportSocket().getTypedConfig().is(UpstreamTlsContext.class)) {
            return cluster;
        }
        try {
            UpstreamTlsContext.Builder context =
                    cluster.getTransportSocket().getTypedConfig().unpack(UpstreamTlsContext.class).toBuilder();
            CommonTlsContext.Builder common = context.getCommonTlsContextBuilder();
            if (common.getValidationContext().getTrustedCa().hasFilename()) {
                common.getValidationContextBuilder().getTrustedCaBuilder().setFilename(paths.authorities());
            }
            MeshTls.move(common, paths.certificates());
            Cluster.Builder elsewhere = cluster.toBuilder();
            elsewhere.getTransportSocketBuilder().setTypedConfig(Any.pack(context.build()));
            return elsewhere.build();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("cluster " + cluster.getName(), e);
        }
    }
}
