package dev.weir.xds.delivery;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where sidecars that do not say so have their system's authorities: the usual places, one after the other. */
@ThreadSafe
final class UsualAuthorities {
    private static final List<String> PLACES = SidecarProfile.USUAL_AUTHORITIES;

    /** Nodes are named by whoever connects. */
    private static final int NODES = 16_384;

    @GuardedBy("this")
    private final Map<String, Integer> places = new HashMap<>();

    /** The profile with the place that is to be tried now. */
    synchronized SidecarProfile place(NodeIdentity.Accepted hello) {
        return hello.profile().authorities().equals(PLACES.get(0))
                ? hello.profile().withAuthorities(PLACES.get(places.getOrDefault(hello.node(), 0)))
                : hello.profile();
    }

    /**
     * Takes note that there is nothing at {@code path}; whether there is another place to try. After the last one it begins
     * anew.
     */
    synchronized boolean next(String node, String path) {
        int next = PLACES.indexOf(path) + 1;
        if (next == 0 || next == PLACES.size()) {
            places.remove(node);
            return false;
        }
        if (places.size() < NODES || places.containsKey(node)) {
            places.put(node, next);
            return true;
        }
        return false;
    }
}
