package dev.weir.xds.delivery;

import io.envoyproxy.controlplane.cache.ConfigWatcher;
import io.envoyproxy.controlplane.cache.DeltaResponse;
import io.envoyproxy.controlplane.cache.DeltaWatch;
import io.envoyproxy.controlplane.cache.DeltaXdsRequest;
import io.envoyproxy.controlplane.cache.Resources.ResourceType;
import io.envoyproxy.controlplane.cache.Response;
import io.envoyproxy.controlplane.cache.Watch;
import io.envoyproxy.controlplane.cache.XdsRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Opens the library's watches with what the sidecar has really seen. The library counts acknowledged resources only: it
 * sends everything again to a sidecar that reconnects, and a first version that was refused without end.
 *
 * <p>It also keeps the order of types, which the library keeps within a push only: one response of a type is on its way
 * at a time, so that of two pushes in quick succession the second's endpoints or routes leave before its clusters.
 */
final class SeenWatcher implements ConfigWatcher {
    private final SidecarCache cache;

    SeenWatcher(SidecarCache cache) {
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
        return cache.createDeltaWatch(
                request, version, seen, unseen, wildcard, ordered(stream, request, responses), clusterChanged);
    }

    private Consumer<DeltaResponse> ordered(
            SidecarStream stream, DeltaXdsRequest request, Consumer<DeltaResponse> responses) {
        return switch (request.getResourceType()) {
            case CLUSTER ->
                response -> {
                    Set<String> overtaken = stream.overtaken(response.resources());
                    responses.accept(response);
                    stream.resendEndpoints(overtaken, cache.getSnapshot(stream.profile()));
                };
            case ENDPOINT -> {
                stream.endpoints(request, responses);
                yield responses;
            }
            default -> response -> stream.order().after(clusterVersion(stream), () -> responses.accept(response));
        };
    }

    private String clusterVersion(SidecarStream stream) {
        SidecarSnapshot snapshot = cache.getSnapshot(stream.profile());
        // forgotten when the stream has just ended
        return snapshot == null ? "" : snapshot.version(ResourceType.CLUSTER, List.of());
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
