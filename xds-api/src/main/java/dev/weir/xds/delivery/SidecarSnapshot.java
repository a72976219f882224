package dev.weir.xds.delivery;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.controlplane.cache.Resources.ResourceType;
import io.envoyproxy.controlplane.cache.Snapshot;
import io.envoyproxy.controlplane.cache.VersionedResource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything that the sidecars of one profile have, encoded once for all of them. Versions are digests of content, so
 * every process gives equal content the same version.
 */
final class SidecarSnapshot extends Snapshot {
    private final Map<ResourceType, Typed> types;

    /** @param types per type: version of the whole, and the resources by name */
    SidecarSnapshot(Map<ResourceType, Typed> types) {
        this.types = Map.copyOf(types);
    }

    record Typed(String version, Map<String, VersionedResource<? extends Message>> resources) {
        static final Typed EMPTY = new Typed("", Map.of());

        Typed {
            resources = Collections.unmodifiableMap(new TreeMap<>(resources));
        }
    }

    @Override
    public String version(ResourceType type, List<String> names) {
        return types.getOrDefault(type, Typed.EMPTY).version();
    }

    @Override
    public Map<String, VersionedResource<? extends Message>> versionedResources(ResourceType type) {
        return types.getOrDefault(type, Typed.EMPTY).resources();
    }

    /** Asked for by the state-of-the-world protocol only, which is not served. */
    @Override
    public Map<String, ? extends Message> resources(ResourceType type) {
        throw new UnsupportedOperationException(type.name());
    }

    /** A resource as it goes out. */
    static VersionedResource<Any> resource(Any encoded, String version) {
        return VersionedResource.create(encoded, version);
    }
}
