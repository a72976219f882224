package dev.weir.xds.delivery;

import io.envoyproxy.controlplane.cache.ConfigWatcher;
import io.envoyproxy.controlplane.cache.DeltaResponse;
import io.envoyproxy.controlplane.cache.DeltaWatch;
import io.envoyproxy.controlplane.cache.DeltaXdsRequest;
import io.envoyproxy.controlplane.cache.Response;
import io.envoyproxy.controlplane.cache.Watch;
import io.envoyproxy.controlplane.cache.XdsRequest;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Opens the library's watches with what the sidecar has really seen. The library counts acknowledged resources only: it
 * sends everything again to a sidecar that reconnects, and a first version that was refused without end.
 */
final class SeenWatcher implements ConfigWatcher {
    private final ConfigWatcher cache;

    SeenWatcher(ConfigWatcher cache) {
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
        Map<String, String> seen =
                SidecarStream.CURRENT.get().type(request.getTypeUrl()).seen();
        Set<String> unseen = new HashSet<>(pending);
        unseen.removeAll(seen.keySet());
        return cache.createDeltaWatch(request, version, seen, unseen, wildcard, responses, clusterChanged);
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
