package dev.weir.xds.delivery;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.weir.xds.delivery.SidecarSnapshot.Typed;
import io.envoyproxy.controlplane.cache.CacheStatusInfo;
import io.envoyproxy.controlplane.cache.DeltaCacheStatusInfo;
import io.envoyproxy.controlplane.cache.NodeGroup;
import io.envoyproxy.controlplane.cache.Resources.ResourceType;
import io.envoyproxy.controlplane.cache.SimpleCache;
import io.envoyproxy.controlplane.cache.VersionedResource;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The library's cache, corrected in one point: a sidecar that outlived a control plane and waits for the first snapshot of
 * the new one is told what is no longer there. The library compares with the snapshot before, and there is none.
 *
 * <p>Of endpoints it is not told: a cluster whose endpoints are not known here keeps those that it has, and one that leaves
 * takes them along. Envoy would go on with none at all.
 */
final class SidecarCache extends SimpleCache<SidecarProfile, SidecarSnapshot> {
    SidecarCache(NodeGroup<SidecarProfile> groups) {
        super(groups);
    }

    @Override
    protected void respondWithSpecificOrder(
            SidecarProfile profile,
            @Nullable SidecarSnapshot previous,
            SidecarSnapshot snapshot,
            Map<ResourceType, CacheStatusInfo<SidecarProfile>> watches,
            Map<ResourceType, DeltaCacheStatusInfo<SidecarProfile>> deltaWatches) {
        super.respondWithSpecificOrder(
                profile, previous == null ? held(deltaWatches) : previous, snapshot, watches, deltaWatches);
    }

    /** A snapshot of everything that waiting sidecars said they have. */
    private static SidecarSnapshot held(Map<ResourceType, DeltaCacheStatusInfo<SidecarProfile>> watches) {
        Map<ResourceType, Typed> types = new EnumMap<>(ResourceType.class);
        watches.forEach((type, status) -> {
            if (type == ResourceType.ENDPOINT) {
                return;
            }
            Map<String, VersionedResource<? extends Message>> names = new HashMap<>();
            status.watchesRemoveIf((id, watch) -> {
                watch.trackedResources()
                        .keySet()
                        .forEach(name -> names.put(name, SidecarSnapshot.resource(Any.getDefaultInstance(), "")));
                return false;
            });
            types.put(type, new Typed("", names));
        });
        return new SidecarSnapshot(types, new NarrowedRoutes(absent -> Map.of()));
    }
}
