package dev.weir.xds.delivery;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The open streams. */
@ThreadSafe
final class Sidecars {
    /** What a stream takes of the heap, about: itself, and each resource that its sidecar has or is waiting for. */
    private static final long STREAM_BYTES = 16 << 10;

    private static final long RESOURCE_BYTES = 64;
    private static final int MIN_STREAMS = 64;

    @GuardedBy("this")
    private final Set<SidecarStream> streams = new LinkedHashSet<>();

    private final Profiles profiles;
    private final LongSupplier nanoTime;
    private final LongSupplier wallMillis;
    private final DeliveryListener listener;
    private final UsualAuthorities authorities = new UsualAuthorities();
    private final Map<SidecarProfile, Integer> sizes = new ConcurrentHashMap<>();
    private final long heapBytes;

    /** @param heapBytes that there may be; streams get a third */
    Sidecars(
            Profiles profiles,
            LongSupplier nanoTime,
            LongSupplier wallMillis,
            DeliveryListener listener,
            long heapBytes) {
        this.heapBytes = heapBytes;
        this.profiles = profiles;
        this.nanoTime = nanoTime;
        this.wallMillis = wallMillis;
        this.listener = listener;
    }

    /** What sidecars of this profile get is so many resources. */
    void expect(SidecarProfile profile, int resources) {
        sizes.put(profile, resources);
    }

    /** Nobody gets anything for this profile any more. */
    void forget(SidecarProfile profile) {
        sizes.remove(profile);
    }

    /** Why there is no room for the stream of a sidecar that connects; empty = there is. */
    synchronized String full(NodeIdentity.Accepted hello) {
        SidecarProfile profile = authorities.place(hello);
        long taken = bytes(profile);
        for (SidecarStream stream : streams) {
            taken += bytes(stream.profile());
        }
        return streams.size() < MIN_STREAMS || taken <= heapBytes / 3
                ? ""
                : "streams: one more than " + streams.size() + ", with "
                        + sizes.getOrDefault(profile, 0) + " resources (expected: what a third of the heap, "
                        + heapBytes
                        + " bytes, holds)";
    }

    private long bytes(SidecarProfile profile) {
        return STREAM_BYTES + RESOURCE_BYTES * sizes.getOrDefault(profile, 0);
    }

    /** Adds the stream of a sidecar that connects; null = there is no room for its profile. */
    @Nullable
    SidecarStream connect(NodeIdentity.Accepted hello) {
        SidecarProfile profile = authorities.place(hello);
        if (!profiles.connect(profile)) {
            return null;
        }
        NodeIdentity.Accepted placed = new NodeIdentity.Accepted(hello.node(), profile);
        SidecarStream stream = new SidecarStream(placed, wallMillis.getAsLong(), nanoTime, listener);
        synchronized (this) {
            streams.add(stream);
            listener.connected(stream.node(), stream.profile());
        }
        return stream;
    }

    /**
     * Removes a stream that has ended. The listener hears of it when it was the node's last stream: a new one may open before
     * the old one is seen to end.
     */
    void disconnect(SidecarStream stream) {
        synchronized (this) {
            if (streams.remove(stream)
                    && streams.stream().noneMatch(other -> other.node().equals(stream.node()))) {
                listener.disconnected(stream.node());
            }
        }
        profiles.disconnect(stream.profile());
    }

    /** Whether its stream is to end so that the next one looks for the system's authorities elsewhere. */
    boolean looksElsewhere(SidecarStream stream) {
        String path = stream.profile().authorities();
        return stream.lacks(path) && authorities.next(stream.node(), path);
    }

    void reject(String node, String kind, String message) {
        listener.rejected(node, kind, message);
    }

    synchronized List<SidecarView> views() {
        List<SidecarView> views = new ArrayList<>(streams.size());
        streams.forEach(stream -> views.add(stream.view()));
        return views;
    }
}
