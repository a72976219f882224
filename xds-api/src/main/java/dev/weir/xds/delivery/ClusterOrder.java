package dev.weir.xds.delivery;

import java.util.ArrayList;
import java.util.List;

/**
 * Holds routes and listeners back while clusters wait for the sidecar's answer: routes that name a cluster before it is
 * there are refused, and which clusters are refused the answer says. Endpoints must not be held: Envoy does not answer new
 * clusters before it has their endpoints. Threadsafe.
 */
final class ClusterOrder {
    private final List<Runnable> held = new ArrayList<>();
    private int unanswered;
    private boolean serving;

    /** A clusters' response leaves. */
    synchronized void sent() {
        unanswered++;
    }

    /**
     * A request for clusters came and is about to be served, perhaps with the next version.
     *
     * @param answer whether it is the answer to a response
     */
    synchronized void received(boolean answer) {
        if (answer) {
            unanswered--;
        }
        serving = true;
    }

    /** It was served, or will be by a later push: what waited may go unless more clusters went first. */
    void served() {
        List<Runnable> free;
        synchronized (this) {
            serving = false;
            if (unanswered > 0) {
                return;
            }
            free = List.copyOf(held);
            held.clear();
        }
        free.forEach(Runnable::run);
    }

    /** Runs {@code response} now or when all clusters that went before it are answered. */
    void after(Runnable response) {
        synchronized (this) {
            if (unanswered > 0 || serving) {
                held.add(response);
                return;
            }
        }
        response.run();
    }
}
