package dev.weir.xds.delivery;

/** Told by a {@link Delivery} what happens on its streams, on gRPC's threads: must return at once and never throw. */
public interface DeliveryListener {
    /** A sidecar's stream opened. Its profile may be new: then nothing was published for it yet. */
    void connected(String node, SidecarProfile profile);

    /** A sidecar's last stream ended, for whatever reason. */
    void disconnected(String node);

    /** A sidecar accepted a response of {@code typeUrl}, {@code latencyNanos} after it was sent. */
    void acknowledged(String node, String typeUrl, long latencyNanos);

    /** A sidecar refused a response of {@code typeUrl}; the earlier version stays in force there. */
    void refused(String node, String typeUrl, String message);

    /**
     * A stream was ended because of what it sent; {@code kind} is a short fixed word for a metric's label, {@code node} ""
     * where it never said who it is.
     */
    void rejected(String node, String kind, String message);
}
