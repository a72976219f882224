package dev.weir.xds.delivery;

import io.envoyproxy.controlplane.cache.ConfigWatcher;
import io.envoyproxy.controlplane.cache.DeltaResponse;
import io.envoyproxy.controlplane.cache.DeltaWatch;
import io.envoyproxy.controlplane.cache.DeltaXdsRequest;
import io.envoyproxy.controlplane.cache.Resources;
import io.envoyproxy.controlplane.cache.Resources.ResourceType;
import io.envoyproxy.controlplane.cache.Response;
import io.envoyproxy.controlplane.cache.VersionedResource;
import io.envoyproxy.controlplane.cache.Watch;
import io.envoyproxy.controlplane.cache.XdsRequest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Opens the library's watches with what the sidecar has really seen. The library counts acknowledged resources only: it
 * sends everything again to a sidecar that reconnects, and a first version that was refused without end.
 *
 * <p>It also keeps the order of types, which the library keeps within a push only: one response of a type is on its way
 * at a time, so that of two pushes in quick succession the second's endpoints or routes leave before its clusters.
 */
final class TrackingConfigWatcher implements ConfigWatcher {
    /** Version of a response that repeats what was sent already. */
    static final String AGAIN = "again";

    private final SidecarCache cache;

    TrackingConfigWatcher(SidecarCache cache) {
        this.cache = cache;
    }

    @Override
    public DeltaWatch createDeltaWatch(
            DeltaXdsRequest request,
            String version,
            Map<String, String> acknowledged,
            Set<String> pending,
            boolean wildcard,
            Consumer<DeltaResponse> responses,
            boolean clusterChanged) {
        SidecarStream stream = SidecarStream.CURRENT.get();
        Map<String, String> seen = stream.type(request.getTypeUrl()).seen();
        Set<String> unseen = new HashSet<>(pending);
        unseen.removeAll(seen.keySet());
        String from = version;
        if (request.getResourceType() == ResourceType.ROUTE) {
            Map<String, String> common = common(stream, seen);
            from = common.containsValue("") ? "" : version;
            seen = common;
        }
        if (request.getResourceType() == ResourceType.ENDPOINT) {
            seen = new HashMap<>(seen);
            unseen.addAll(unknown(stream, seen));
            seen.keySet().removeAll(unseen);
        }
        Consumer<DeltaResponse> ordered = ordered(stream, request, responses);
        stream.resends(request.getTypeUrl(), versions -> resend(stream, request, responses, versions));
        return cache.createDeltaWatch(request, from, seen, unseen, wildcard, ordered, clusterChanged);
    }

    private Consumer<DeltaResponse> ordered(
            SidecarStream stream, DeltaXdsRequest request, Consumer<DeltaResponse> responses) {
        return switch (request.getResourceType()) {
            case CLUSTER ->
                response -> {
                    stream.order().leaving(snapshot(stream));
                    responses.accept(response);
                    // asked when they have left: a push on another thread may send endpoints until then
                    stream.resend(Resources.V3.ENDPOINT_TYPE_URL, stream.overtaken(response.resources()));
                };
            // a new cluster is not answered, or not called, before it has these
            case ENDPOINT, SECRET -> responses;
            case ROUTE ->
                response -> stream.order()
                        .after(
                                snapshot(stream),
                                newest -> responses.accept(narrowed(stream, newest, request, response)));
            default -> response -> stream.order().after(snapshot(stream), newest -> responses.accept(response));
        };
    }

    /** Endpoints that the sidecar has and the snapshot has not: waited for, as the library would take them away. */
    private Set<String> unknown(SidecarStream stream, Map<String, String> seen) {
        SidecarSnapshot snapshot = cache.getSnapshot(stream.profile());
        if (snapshot == null) {
            return Set.of();
        }
        Set<String> unknown = new HashSet<>(seen.keySet());
        unknown.removeAll(snapshot.versionedResources(ResourceType.ENDPOINT).keySet());
        return unknown;
    }

    /** While the library makes a response, the one that it makes it from: a push is of one thread, and requests lock it out. */
    private SidecarSnapshot snapshot(SidecarStream stream) {
        return Objects.requireNonNull(cache.getSnapshot(stream.profile()), "snapshot");
    }

    /** Sends resources again, unless there is a newer version of them, which is on its way then. */
    private void resend(
            SidecarStream stream,
            DeltaXdsRequest request,
            Consumer<DeltaResponse> responses,
            Map<String, String> versions) {
        SidecarSnapshot snapshot = cache.getSnapshot(stream.profile());
        if (snapshot == null) {
            return;
        }
        if (request.getResourceType() == ResourceType.ROUTE) {
            stream.order().after(snapshot, newest -> rerouted(stream, newest, request, responses));
            return;
        }
        Map<String, VersionedResource<?>> again = new HashMap<>(snapshot.versionedResources(request.getResourceType()));
        again.keySet().retainAll(versions.keySet());
        again.values().removeIf(each -> !versions.containsValue(each.version()));
        if (!again.isEmpty()) {
            if (request.getResourceType() == ResourceType.CLUSTER) {
                stream.order().leaving(snapshot);
            }
            // not the snapshot's version: others of its resources may still be due
            responses.accept(DeltaResponse.create(request, again, List.of(), AGAIN));
        }
    }

    /** Sends the routes again, as the sidecar lacks other clusters than before. */
    private static void rerouted(
            SidecarStream stream,
            SidecarSnapshot snapshot,
            DeltaXdsRequest request,
            Consumer<DeltaResponse> responses) {
        Map<String, String> seen = stream.type(request.getTypeUrl()).seen();
        Map<String, VersionedResource<?>> changed = new HashMap<>(snapshot.routes(stream.absent()));
        changed.keySet().retainAll(seen.keySet());
        changed.entrySet().removeIf(each -> each.getValue().version().equals(seen.get(each.getKey())));
        if (!changed.isEmpty()) {
            responses.accept(DeltaResponse.create(request, changed, List.of(), AGAIN));
        }
    }

    /** The routes that this sidecar can take in place of those that all have. */
    private static DeltaResponse narrowed(
            SidecarStream stream, SidecarSnapshot snapshot, DeltaXdsRequest request, DeltaResponse response) {
        Map<String, VersionedResource<?>> own = new HashMap<>(response.resources());
        snapshot.routes(stream.absent()).forEach((name, route) -> own.computeIfPresent(name, (key, common) -> route));
        return DeltaResponse.create(request, own, response.removedResources(), response.version());
    }

    /**
     * What the sidecar has, in the versions that all have: where its own is up to date, the common one counts as seen; where
     * it is not, nothing does.
     */
    private Map<String, String> common(SidecarStream stream, Map<String, String> seen) {
        SidecarSnapshot snapshot = cache.getSnapshot(stream.profile());
        if (snapshot == null) {
            return seen;
        }
        Map<String, String> common = new HashMap<>(seen);
        Map<String, ? extends VersionedResource<?>> all = snapshot.versionedResources(ResourceType.ROUTE);
        snapshot.routes(stream.absent())
                .forEach((name, own) -> common.computeIfPresent(name, (key, version) -> {
                    VersionedResource<?> shared = all.get(name);
                    return version.equals(own.version()) && shared != null ? shared.version() : "";
                }));
        return common;
    }

    @Override
    public Watch createWatch(
            boolean ads,
            XdsRequest request,
            Set<String> known,
            Consumer<Response> responses,
            boolean clusterChanged,
            boolean emptyEndpoints) {
        throw new UnsupportedOperationException("state of the world");
    }
}
