package dev.weir.xds.delivery;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.protobuf.Message;
import io.envoyproxy.controlplane.cache.VersionedResource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * One snapshot's routes for sidecars that lack some of its clusters, encoded once for all that lack the same.
 */
@ThreadSafe
final class NarrowedRoutes {
    /** Sidecars of one build lack the same clusters; whoever makes up more combinations pays for encoding them himself. */
    private static final int KEPT = 64;

    private final Function<Set<String>, Map<String, VersionedResource<? extends Message>>> encoder;
    private final Map<Set<String>, Map<String, VersionedResource<? extends Message>>> kept = new ConcurrentHashMap<>();

    NarrowedRoutes(Function<Set<String>, Map<String, VersionedResource<? extends Message>>> encoder) {
        this.encoder = encoder;
    }

    /** The routes without these clusters, by name. */
    Map<String, VersionedResource<? extends Message>> without(Set<String> absent) {
        Map<String, VersionedResource<? extends Message>> known = kept.get(absent);
        if (known != null) {
            return known;
        }
        Map<String, VersionedResource<? extends Message>> made = Map.copyOf(encoder.apply(absent));
        if (kept.size() < KEPT) {
            kept.put(absent, made);
        }
        return made;
    }
}
