package dev.weir.xds.delivery;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** One stream's state for one resource type. Requests come on gRPC's threads, responses leave on others. */
@ThreadSafe
final class TypeStream {
    /** What a sidecar was given counts as seen, refused or not: a refused version is not sent again. */
    @GuardedBy("this")
    private final Map<String, String> seen;

    @GuardedBy("this")
    private final Map<String, Refusal> refusals = new HashMap<>();

    @GuardedBy("this")
    private final Set<String> subscribed = new HashSet<>();

    @GuardedBy("this")
    private String acknowledgedVersion = "";

    @GuardedBy("this")
    private String refusedVersion = "";

    @GuardedBy("this")
    private String refusal = "";

    @GuardedBy("this")
    private long sent;

    @GuardedBy("this")
    private long acknowledged;

    @GuardedBy("this")
    private long refused;

    /** @param version of the response that brought it */
    private record Refusal(String version, String words) {}

    /** @param first request of its type on the stream; may say what the sidecar has from an earlier stream */
    TypeStream(DeltaDiscoveryRequest first) {
        seen = new HashMap<>(first.getInitialResourceVersionsMap());
        subscribed.addAll(first.getResourceNamesSubscribeList());
    }

    /** Takes note of a later request; a name that is subscribed to again is sent again. */
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
        for (String name : response.getRemovedResourcesList()) {
            seen.remove(name);
            refusals.remove(name);
        }
        for (Resource resource : response.getResourcesList()) {
            seen.put(resource.getName(), resource.getVersion());
        }
        sent++;
    }

    /** @param resources names of what came with it */
    synchronized void acknowledge(String version, Set<String> resources) {
        acknowledged++;
        refusals.keySet().removeAll(resources);
        acknowledgedVersion = version;
        refusedVersion = "";
        refusal = "";
    }

    synchronized void refuse(String version, String message) {
        refused++;
        refusedVersion = version;
        refusal = message;
    }

    /** Takes note that a response with this one resource was refused: it is to blame. */
    synchronized void refuse(String version, String message, String resource) {
        refuse(version, message);
        refusals.put(resource, new Refusal(version, message));
    }

    /** Names of what the sidecar refuses now. */
    synchronized Set<String> refusals() {
        return Set.copyOf(refusals.keySet());
    }

    synchronized SidecarView.TypeState view() {
        Map<String, String> words = new HashMap<>();
        refusals.forEach((name, each) -> words.put(name, each.words()));
        // accepted meanwhile was something else
        Refusal open = refusals.values().stream().findAny().orElse(new Refusal("", ""));
        return new SidecarView.TypeState(
                acknowledgedVersion,
                refusedVersion.isEmpty() ? open.version() : refusedVersion,
                refusedVersion.isEmpty() ? open.words() : refusal,
                words,
                sent,
                acknowledged,
                refused);
    }
}
