package dev.weir.xds.delivery;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import dev.weir.xds.delivery.SidecarSnapshot.Typed;
import io.envoyproxy.controlplane.cache.Resources;
import io.envoyproxy.controlplane.cache.Resources.ResourceType;
import io.envoyproxy.controlplane.cache.VersionedResource;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Encodes resources and gives them versions: 128 bits of the SHA-256 of their deterministic bytes.
 *
 * <p>Endpoints carry their cluster's digest in their version as well, so that they are sent again right after any change
 * of the cluster: Envoy asks for them on such a change nowhere, and serves the cluster's old state for 15 seconds while it
 * waits (docs/decisions.md).
 *
 * <p>An object that was encoded in this round or in the one before is not encoded again: on most pushes only the routes
 * are new. Not safe for several threads.
 */
final class Encoder {
    private static final int DIGEST_BYTES = 16;

    private IdentityHashMap<Message, Encoded> before = new IdentityHashMap<>();
    private IdentityHashMap<Message, Encoded> now = new IdentityHashMap<>();

    private record Encoded(Any any, String digest) {}

    /** Forgets what neither this round nor the one before used. */
    void nextRound() {
        before = now;
        now = new IdentityHashMap<>();
    }

    SidecarSnapshot encode(ResourceSet set) {
        Map<String, String> clusters = new HashMap<>();
        for (Cluster cluster : set.clusters()) {
            clusters.put(
                    cluster.getName(),
                    encoded(cluster, Resources.V3.CLUSTER_TYPE_URL).digest());
        }
        Map<ResourceType, Typed> types = Map.of(
                ResourceType.CLUSTER,
                typed(set.clusters(), Cluster::getName, Resources.V3.CLUSTER_TYPE_URL, Map.of()),
                ResourceType.ENDPOINT,
                typed(set.endpoints(), ClusterLoadAssignment::getClusterName, Resources.V3.ENDPOINT_TYPE_URL, clusters),
                ResourceType.LISTENER,
                typed(set.listeners(), Listener::getName, Resources.V3.LISTENER_TYPE_URL, Map.of()),
                ResourceType.ROUTE,
                typed(set.routes(), RouteConfiguration::getName, Resources.V3.ROUTE_TYPE_URL, Map.of()),
                ResourceType.SECRET,
                typed(set.secrets(), Secret::getName, Resources.V3.SECRET_TYPE_URL, Map.of()));
        return new SidecarSnapshot(types, new NarrowedRoutes(absent -> routes(set.table(), absent)));
    }

    /** Called on any thread, so it shares nothing with the rounds. */
    private static Map<String, VersionedResource<? extends Message>> routes(RouteTable table, Set<String> absent) {
        Map<String, VersionedResource<? extends Message>> routes = new HashMap<>();
        for (RouteConfiguration route : table.without(absent)) {
            Encoded encoded = encode(route, Resources.V3.ROUTE_TYPE_URL);
            routes.put(route.getName(), SidecarSnapshot.resource(encoded.any(), encoded.digest()));
        }
        return routes;
    }

    private <T extends Message> Typed typed(
            List<T> resources, Function<T, String> name, String typeUrl, Map<String, String> couplings) {
        Map<String, VersionedResource<? extends Message>> versioned = new TreeMap<>();
        StringBuilder all = new StringBuilder();
        for (T resource : resources) {
            Encoded encoded = encoded(resource, typeUrl);
            String coupling = couplings.get(name.apply(resource));
            String version = coupling == null ? encoded.digest() : encoded.digest() + "-" + coupling;
            versioned.put(name.apply(resource), SidecarSnapshot.resource(encoded.any(), version));
        }
        versioned.forEach((key, resource) ->
                all.append(key).append('\n').append(resource.version()).append('\n'));
        return new Typed(digest(all.toString().getBytes(StandardCharsets.UTF_8)), versioned);
    }

    private Encoded encoded(Message resource, String typeUrl) {
        Encoded known = now.get(resource);
        if (known == null) {
            known = before.get(resource);
            if (known == null) {
                known = encode(resource, typeUrl);
            }
            now.put(resource, known);
        }
        return known;
    }

    private static Encoded encode(Message resource, String typeUrl) {
        byte[] bytes = bytes(resource);
        Any any = Any.newBuilder()
                .setTypeUrl(typeUrl)
                .setValue(ByteString.copyFrom(bytes))
                .build();
        return new Encoded(any, digest(bytes));
    }

    private static byte[] bytes(Message resource) {
        byte[] bytes = new byte[resource.getSerializedSize()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        try {
            resource.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes;
    }

    private static String digest(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
