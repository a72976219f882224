package dev.weir.xds.delivery;

import dev.weir.xds.RejectionListener;

/**
 * Told by a {@link Delivery} what happens on its streams, on gRPC's threads: must return at once and never throw. Whoever
 * listens writes what he wants to hear; the rest passes him by.
 */
public interface DeliveryListener extends RejectionListener {
    /** A sidecar's stream opened. Its profile may be new: then nothing was published for it yet. */
    default void connected(String node, SidecarProfile profile) {}

    /** A sidecar's last stream ended, for whatever reason. */
    default void disconnected(String node) {}

    /** A sidecar accepted a response of {@code typeUrl}, {@code latencyNanos} after it was sent. */
    default void acknowledged(String node, String typeUrl, long latencyNanos) {}

    /** A sidecar refused a response of {@code typeUrl}; the earlier version stays in force there. */
    default void refused(String node, String typeUrl, String message) {}
}
