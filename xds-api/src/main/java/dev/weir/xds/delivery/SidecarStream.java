package dev.weir.xds.delivery;

import io.envoyproxy.controlplane.cache.Resources;
import io.envoyproxy.controlplane.cache.VersionedResource;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Context;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

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
    private final ClusterOrder order = new ClusterOrder(this::clusters);
    private final Map<String, Resend> resends = new ConcurrentHashMap<>();
    /** What to send again in smaller parts, as soon as the library is done with the refusal. */
    private final List<Part> parts = new ArrayList<>();

    private Set<String> absent = Set.of();

    /** Sends resources once more, out of turn. */
    interface Resend {
        /** @param versions by name: what is sent again unless there is a newer version by now */
        void send(Map<String, String> versions);
    }

    private record Part(String typeUrl, Map<String, String> versions) {}

    /** @param resources versions by name */
    private record Sent(String typeUrl, String version, Map<String, String> resources, long nanos) {}

    SidecarStream(
            NodeIdentity.Accepted hello, long connectedSinceMillis, LongSupplier nanoTime, DeliveryListener listener) {
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

    /** Takes note of how to send resources of a type again, now that they were asked for. */
    void resends(String typeUrl, Resend resend) {
        resends.put(typeUrl, resend);
    }

    /** Clusters that it cannot use: it refused them, or their endpoints. */
    Set<String> absent() {
        Set<String> names = new HashSet<>();
        for (String typeUrl : List.of(Resources.V3.CLUSTER_TYPE_URL, Resources.V3.ENDPOINT_TYPE_URL)) {
            TypeStream type = types.get(typeUrl);
            if (type != null) {
                names.addAll(type.refusals());
            }
        }
        return names;
    }

    /** Names of the clusters that it was given or said it has. */
    private Set<String> clusters() {
        TypeStream type = types.get(Resources.V3.CLUSTER_TYPE_URL);
        return type == null ? Set.of() : type.seen().keySet();
    }

    /** Whether it refuses a cluster because there is no file at {@code path}. */
    boolean lacks(String path) {
        TypeStream clusters = types.get(Resources.V3.CLUSTER_TYPE_URL);
        return clusters != null
                && clusters.view().refusals().values().stream().anyMatch(words -> words.endsWith(": " + path));
    }

    /** Of these clusters, which have just left: endpoints that may have left before them and would be waited for in vain. */
    Map<String, String> overtaken(Map<String, ? extends VersionedResource<?>> clusters) {
        TypeStream type = types.get(Resources.V3.ENDPOINT_TYPE_URL);
        Map<String, String> seen = type == null ? Map.of() : type.seen();
        Map<String, String> versions = new HashMap<>();
        clusters.forEach((name, cluster) -> {
            String version = seen.getOrDefault(name, "");
            if (version.endsWith(cluster.version())) {
                versions.put(name, version);
            }
        });
        return versions;
    }

    /** Sends resources once more. */
    void resend(String typeUrl, Map<String, String> versions) {
        Resend resend = resends.get(typeUrl);
        if (resend != null && !versions.isEmpty()) {
            resend.send(versions);
        }
    }

    /** The order of this stream's responses: what names clusters must not overtake them. */
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

    /** Takes note that the library has dealt with a request that was received. */
    void served(DeltaDiscoveryRequest request) {
        List<Part> again = List.copyOf(parts);
        parts.clear();
        again.forEach(part -> resend(part.typeUrl(), part.versions()));
        if (request.getTypeUrl().equals(Resources.V3.CLUSTER_TYPE_URL)) {
            order.served();
        }
        Set<String> now = absent();
        if (!now.equals(absent)) {
            absent = now;
            TypeStream routes = types.get(Resources.V3.ROUTE_TYPE_URL);
            if (routes != null) {
                resend(Resources.V3.ROUTE_TYPE_URL, routes.seen());
            }
        }
    }

    /**
     * Takes note of an answer. Envoy applies what is good of a response that it refuses, at least of clusters, and says in
     * words what was not. Words are cut and change with its version, so the parts of the response are sent again until each
     * refusal is of one resource.
     */
    private void answered(Sent sent, DeltaDiscoveryRequest request) {
        TypeStream type = type(sent.typeUrl());
        if (!request.hasErrorDetail()) {
            type.acknowledge(sent.version(), sent.resources().keySet());
            listener.acknowledged(node, sent.typeUrl(), nanoTime.getAsLong() - sent.nanos());
            return;
        }
        String message = cut(request.getErrorDetail().getMessage(), MAX_REFUSAL);
        if (sent.resources().size() > 1) {
            type.refuse(sent.version(), message);
            split(sent);
            return;
        }
        sent.resources().keySet().forEach(resource -> type.refuse(sent.version(), message, resource));
        if (sent.resources().isEmpty()) {
            type.refuse(sent.version(), message);
        }
        listener.refused(node, sent.typeUrl(), message);
    }

    private void split(Sent sent) {
        List<Map<String, String>> halves = List.of(new HashMap<>(), new HashMap<>());
        int i = 0;
        for (Map.Entry<String, String> each : new TreeMap<>(sent.resources()).entrySet()) {
            halves.get(2 * i++ < sent.resources().size() ? 0 : 1).put(each.getKey(), each.getValue());
        }
        halves.forEach(half -> parts.add(new Part(sent.typeUrl(), half)));
    }

    /** The request as the library gets it; Envoy itself sends the node in the first one only. */
    DeltaDiscoveryRequest shrink(DeltaDiscoveryRequest request) {
        return request.toBuilder().setNode(shrunk).build();
    }

    /** Takes note of a response that is about to leave. */
    void send(DeltaDiscoveryResponse response) {
        type(response.getTypeUrl()).sent(response);
        Map<String, String> resources = new HashMap<>();
        response.getResourcesList().forEach(each -> resources.put(each.getName(), each.getVersion()));
        unanswered.put(
                response.getNonce(),
                new Sent(response.getTypeUrl(), response.getSystemVersionInfo(), resources, nanoTime.getAsLong()));
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
