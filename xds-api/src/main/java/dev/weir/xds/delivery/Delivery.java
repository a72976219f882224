package dev.weir.xds.delivery;

import io.grpc.BindableService;
import java.util.List;

/**
 * Delivers resource sets to any number of sidecars over delta ADS. Versions are digests of content; only what changed is
 * sent, clusters before their endpoints and before routes that name them, and a cluster's endpoints again after each change
 * of the cluster.
 */
public interface Delivery {
    /** The gRPC services to bind. Calls arrive on gRPC's threads. */
    List<BindableService> services();

    /**
     * Makes {@code resources} the state of all sidecars of {@code profile}, now and when one connects later. Returns before
     * the bytes are sent. One thread calls it.
     */
    void publish(SidecarProfile profile, ResourceSet resources);

    /**
     * The sidecars that are connected and what they acknowledged or refused; a fresh immutable list. What was published a
     * moment ago may not be on its way yet. May be called on any thread.
     */
    List<SidecarView> sidecars();
}
