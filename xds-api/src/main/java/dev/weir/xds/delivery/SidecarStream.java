package dev.weir.xds.delivery;

import io.envoyproxy.controlplane.cache.DeltaResponse;
import io.envoyproxy.controlplane.cache.DeltaXdsRequest;
import io.envoyproxy.controlplane.cache.Resources;
import io.envoyproxy.controlplane.cache.Resources.ResourceType;
import io.envoyproxy.controlplane.cache.VersionedResource;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Context;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One open stream of a sidecar that has said who it is. */
final class SidecarStream {
    static final Context.Key<SidecarStream> CURRENT = Context.key("weir-sidecar-stream");

    private static final int MAX_RESOURCES = 10_000;
    private static final int MAX_REFUSAL = 2_000;

    private final String node;
    private final SidecarProfile profile;
    private final long connectedSinceMillis;
    private final LongSupplier nanoTime;
    private final DeliveryListener listener;
    /** The node as the library is given it: of the 60 KB that Envoy sends, it would keep a copy in every open watch. */
    private final Node shrunk;

    private final Map<String, TypeStream> types = new ConcurrentHashMap<>();
    private final Map<String, Sent> unanswered = new ConcurrentHashMap<>();
    private final ClusterOrder order = new ClusterOrder();
    private volatile @Nullable Endpoints endpoints;

    /** How to send endpoints out of turn. */
    private record Endpoints(DeltaXdsRequest request, Consumer<DeltaResponse> responses) {}

    private record Sent(String typeUrl, String version, long nanos) {}

    SidecarStream(Hello.Accepted hello, long connectedSinceMillis, LongSupplier nanoTime, DeliveryListener listener) {
        this.node = hello.node();
        this.profile = hello.profile();
        this.connectedSinceMillis = connectedSinceMillis;
        this.nanoTime = nanoTime;
        this.listener = listener;
        this.shrunk = Node.newBuilder().setId(node).build();
    }

    String node() {
        return node;
    }

    SidecarProfile profile() {
        return profile;
    }

    TypeStream type(String typeUrl) {
        return Objects.requireNonNull(types.get(typeUrl), typeUrl);
    }

    /** Endpoints were asked for. */
    void endpoints(DeltaXdsRequest request, Consumer<DeltaResponse> responses) {
        endpoints = new Endpoints(request, responses);
    }

    /** Of these clusters, about to leave: those whose endpoints left before them and would be waited for in vain. */
    Set<String> overtaken(Map<String, ? extends VersionedResource<?>> clusters) {
        TypeStream type = types.get(Resources.V3.ENDPOINT_TYPE_URL);
        Map<String, String> seen = type == null ? Map.of() : type.seen();
        Set<String> names = new HashSet<>();
        clusters.forEach((name, cluster) -> {
            if (seen.getOrDefault(name, "").endsWith(cluster.version())) {
                names.add(name);
            }
        });
        return names;
    }

    /** Sends endpoints once more, as they are in {@code snapshot}. */
    void resendEndpoints(Set<String> names, @Nullable SidecarSnapshot snapshot) {
        Endpoints to = endpoints;
        if (names.isEmpty() || to == null || snapshot == null) {
            return;
        }
        Map<String, VersionedResource<?>> again = new HashMap<>(snapshot.versionedResources(ResourceType.ENDPOINT));
        again.keySet().retainAll(names);
        // not the snapshot's version: others of its endpoints may still be due
        to.responses().accept(DeltaResponse.create(to.request(), again, List.of(), "again"));
    }

    /** What must not overtake the clusters that it names. */
    ClusterOrder order() {
        return order;
    }

    /** Takes note of a request; "" = it may go on, otherwise why not. */
    String receive(DeltaDiscoveryRequest request) {
        String typeUrl = request.getTypeUrl();
        if (!Resources.V3.TYPE_URLS.contains(typeUrl)) {
            return "type_url: \"" + cut(typeUrl, 128) + "\" (expected: one of " + Resources.V3.TYPE_URLS + ")";
        }
        if (!request.getResponseNonce().isEmpty()) {
            Sent sent = unanswered.remove(request.getResponseNonce());
            if (sent == null || !sent.typeUrl().equals(typeUrl)) {
                return "response_nonce: \"" + cut(request.getResponseNonce(), 64) + "\" (expected: that of a response)";
            }
            answered(sent, request);
        }
        if (typeUrl.equals(Resources.V3.CLUSTER_TYPE_URL)) {
            order.received(!request.getResponseNonce().isEmpty());
        }
        TypeStream type = types.get(typeUrl);
        if (type == null) {
            type = new TypeStream(request);
            types.put(typeUrl, type);
        } else {
            type.subscribe(request);
        }
        int resources = type.subscriptions();
        return resources > MAX_RESOURCES
                ? "resource names: " + resources + " (expected: at most " + MAX_RESOURCES + ")"
                : "";
    }

    /** The library has dealt with a request that was received. */
    void served(DeltaDiscoveryRequest request) {
        if (request.getTypeUrl().equals(Resources.V3.CLUSTER_TYPE_URL)) {
            order.served();
        }
    }

    private void answered(Sent sent, DeltaDiscoveryRequest request) {
        TypeStream type = type(sent.typeUrl());
        if (request.hasErrorDetail()) {
            String message = cut(request.getErrorDetail().getMessage(), MAX_REFUSAL);
            type.refuse(sent.version(), message);
            listener.refused(node, sent.typeUrl(), message);
        } else {
            type.acknowledge(sent.version());
            listener.acknowledged(node, sent.typeUrl(), nanoTime.getAsLong() - sent.nanos());
        }
    }

    /** The request as the library gets it; Envoy itself sends the node in the first one only. */
    DeltaDiscoveryRequest shrink(DeltaDiscoveryRequest request) {
        return request.toBuilder().setNode(shrunk).build();
    }

    /** Takes note of a response that is about to leave. */
    void send(DeltaDiscoveryResponse response) {
        if (response.getTypeUrl().equals(Resources.V3.CLUSTER_TYPE_URL)) {
            order.sent(response.getSystemVersionInfo());
        }
        type(response.getTypeUrl()).sent(response);
        unanswered.put(
                response.getNonce(),
                new Sent(response.getTypeUrl(), response.getSystemVersionInfo(), nanoTime.getAsLong()));
    }

    SidecarView view() {
        Map<String, SidecarView.TypeState> states = new HashMap<>();
        types.forEach((typeUrl, type) -> states.put(typeUrl, type.view()));
        return new SidecarView(node, profile, connectedSinceMillis, states);
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length);
    }
}
