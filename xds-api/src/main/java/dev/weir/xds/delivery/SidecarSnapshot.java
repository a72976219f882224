package dev.weir.xds.delivery;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.controlplane.cache.Resources.ResourceType;
import io.envoyproxy.controlplane.cache.Snapshot;
import io.envoyproxy.controlplane.cache.VersionedResource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Everything that the sidecars of one profile have, encoded once for all of them. Versions are digests of content, so
 * every process gives equal content the same version.
 */
final class SidecarSnapshot extends Snapshot {
    private final Map<ResourceType, Typed> types;
    private final NarrowedRoutes narrowed;

    /**
     * @param types per type: version of the whole, and the resources by name
     * @param narrowed the routes of sidecars that lack clusters
     */
    SidecarSnapshot(Map<ResourceType, Typed> types, NarrowedRoutes narrowed) {
        this.types = Map.copyOf(types);
        this.narrowed = narrowed;
    }

    /** Routes of a sidecar that lacks clusters, by name. */
    Map<String, VersionedResource<? extends Message>> routes(Set<String> absent) {
        Set<String> here = new TreeSet<>(absent);
        here.retainAll(clusters());
        return here.isEmpty() ? versionedResources(ResourceType.ROUTE) : narrowed.without(here);
    }

    /** Names of all clusters. */
    Set<String> clusters() {
        return versionedResources(ResourceType.CLUSTER).keySet();
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
