package dev.weir.xds.delivery;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds routes and listeners back until all clusters that they may name have left and are answered: routes that name a
 * cluster before it is there are refused, and which clusters are refused the answer says. Endpoints must not be held: Envoy
 * does not answer new clusters before it has their endpoints.
 *
 * <p>What was held leaves as of the newest snapshot that anything was made from: the cache's own may be newer by now, with
 * clusters that are still to leave, and the one that it was made from itself may be older, with clusters that are gone.
 */
@ThreadSafe
final class ClusterOrder {
    private final Supplier<Set<String>> seen;

    @GuardedBy("this")
    private final List<Consumer<SidecarSnapshot>> held = new ArrayList<>();

    @GuardedBy("this")
    private @Nullable SidecarSnapshot newest;

    @GuardedBy("this")
    private int unanswered;

    @GuardedBy("this")
    private boolean serving;

    /** @param seen names of the clusters that the sidecar was given */
    ClusterOrder(Supplier<Set<String>> seen) {
        this.seen = seen;
    }

    /** Takes note that a response with clusters is about to leave. */
    synchronized void leaving(SidecarSnapshot snapshot) {
        newest = snapshot;
        unanswered++;
    }

    /**
     * Takes note that a request for clusters came, which is about to be served, perhaps with the next version.
     *
     * @param answer whether it is the answer to a response
     */
    synchronized void received(boolean answer) {
        if (answer) {
            unanswered--;
        }
        serving = true;
    }

    /**
     * Takes note that the request was served, or will be by a later push: what waited may go unless more clusters are due
     * first.
     */
    void served() {
        List<Consumer<SidecarSnapshot>> free;
        SidecarSnapshot snapshot;
        synchronized (this) {
            serving = false;
            snapshot = newest;
            if (snapshot == null || holds(snapshot)) {
                return;
            }
            free = List.copyOf(held);
            held.clear();
        }
        free.forEach(response -> response.accept(snapshot));
    }

    /**
     * Runs {@code response} now or when all clusters that are due before it are answered.
     *
     * @param snapshot that it was made from: the newest one
     */
    void after(SidecarSnapshot snapshot, Consumer<SidecarSnapshot> response) {
        synchronized (this) {
            newest = snapshot;
            if (holds(snapshot)) {
                held.add(response);
                return;
            }
        }
        response.accept(snapshot);
    }

    @GuardedBy("this")
    private boolean holds(SidecarSnapshot snapshot) {
        // a snapshot's routes may be asked for while the push of its clusters is still under way
        return unanswered > 0 || serving || !seen.get().containsAll(snapshot.clusters());
    }
}
