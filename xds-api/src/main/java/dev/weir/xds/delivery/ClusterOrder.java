package dev.weir.xds.delivery;

import java.util.ArrayList;
import java.util.List;

/**
 * Holds routes and listeners back while newer clusters wait for the sidecar's answer to the ones before: routes that name
 * a cluster before it is there are refused. Endpoints must not be held: Envoy does not answer new clusters before it has
 * their endpoints. Threadsafe.
 */
final class ClusterOrder {
    private final List<Runnable> held = new ArrayList<>();
    private String sentVersion = "";
    private int unanswered;
    private boolean serving;

    /** A clusters' response of this version leaves. */
    synchronized void sent(String version) {
        sentVersion = version;
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

    /** It was served, or will be by a later push: what waited may go. */
    void served() {
        List<Runnable> free;
        synchronized (this) {
            serving = false;
            free = List.copyOf(held);
            held.clear();
        }
        free.forEach(Runnable::run);
    }

    /**
     * Runs {@code response} now or when the clusters have gone before it.
     *
     * @param clusters version of the clusters that the response may refer to
     */
    void after(String clusters, Runnable response) {
        synchronized (this) {
            if ((unanswered > 0 || serving) && !clusters.equals(sentVersion)) {
                held.add(response);
                return;
            }
        }
        response.run();
    }
}
