package dev.weir.xds.delivery;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The profiles that are kept, at most {@link #MAX}. Each costs a set of resources, so sidecars must not be able to make
 * up any number of them; when there is no room, one that no sidecar is connected with makes way.
 */
@ThreadSafe
final class Profiles {
    /** About what a profile's resources take. */
    private static final long RESOURCES_BYTES = 192 << 10;

    /** As many as half of the heap holds, between 64 and 1 024. */
    static final int MAX =
            (int) Math.max(64, Math.min(1_024, Runtime.getRuntime().maxMemory() / (2 * RESOURCES_BYTES)));

    @GuardedBy("this")
    private final Map<SidecarProfile, Integer> connected = new LinkedHashMap<>();

    private final Consumer<SidecarProfile> forget;

    /** @param forget told which one made way */
    Profiles(Consumer<SidecarProfile> forget) {
        this.forget = forget;
    }

    /** Keeps the profile of a sidecar that connects; false = there is no room. */
    synchronized boolean connect(SidecarProfile profile) {
        return add(profile, 1);
    }

    synchronized void disconnect(SidecarProfile profile) {
        connected.computeIfPresent(profile, (key, count) -> count - 1);
    }

    /** Keeps a profile that something was published for; false = there is no room. */
    synchronized boolean publish(SidecarProfile profile) {
        return add(profile, 0);
    }

    @GuardedBy("this")
    private boolean add(SidecarProfile profile, int sidecars) {
        if (!connected.containsKey(profile) && connected.size() >= MAX && !makeWay()) {
            return false;
        }
        connected.merge(profile, sidecars, Integer::sum);
        return true;
    }

    @GuardedBy("this")
    private boolean makeWay() {
        for (Map.Entry<SidecarProfile, Integer> entry : connected.entrySet()) {
            if (entry.getValue() == 0) {
                SidecarProfile profile = entry.getKey();
                connected.remove(profile);
                forget.accept(profile);
                return true;
            }
        }
        return false;
    }
}
