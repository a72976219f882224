package dev.weir.xds.delivery;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** One stream's state for one resource type. Threadsafe: requests come on gRPC's threads, responses leave on others. */
final class TypeStream {
    /** What a sidecar was given counts as seen, refused or not: a refused version is not sent again. */
    private final Map<String, String> seen;

    private final Set<String> subscribed = new HashSet<>();
    private String acknowledgedVersion = "";
    private String refusedVersion = "";
    private String refusal = "";
    private long sent;
    private long acknowledged;
    private long refused;

    /** @param first request of its type on the stream; may say what the sidecar has from an earlier stream */
    TypeStream(DeltaDiscoveryRequest first) {
        seen = new HashMap<>(first.getInitialResourceVersionsMap());
        subscribed.addAll(first.getResourceNamesSubscribeList());
    }

    /** A later request; a name that is subscribed to again is sent again. */
    synchronized void subscribe(DeltaDiscoveryRequest request) {
        for (String name : request.getResourceNamesUnsubscribeList()) {
            seen.remove(name);
            subscribed.remove(name);
        }
        for (String name : request.getResourceNamesSubscribeList()) {
            seen.remove(name);
            subscribed.add(name);
        }
    }

    synchronized int subscriptions() {
        return Math.max(subscribed.size(), seen.size());
    }

    /** Name and version of everything that the sidecar was given or said it has. */
    synchronized Map<String, String> seen() {
        return Map.copyOf(seen);
    }

    synchronized void sent(DeltaDiscoveryResponse response) {
        response.getRemovedResourcesList().forEach(seen::remove);
        for (Resource resource : response.getResourcesList()) {
            seen.put(resource.getName(), resource.getVersion());
        }
        sent++;
    }

    synchronized void acknowledge(String version) {
        acknowledged++;
        acknowledgedVersion = version;
        refusedVersion = "";
        refusal = "";
    }

    synchronized void refuse(String version, String message) {
        refused++;
        refusedVersion = version;
        refusal = message;
    }

    synchronized SidecarView.TypeState view() {
        return new SidecarView.TypeState(acknowledgedVersion, refusedVersion, refusal, sent, acknowledged, refused);
    }
}
