package dev.weir.xds.delivery;

/**
 * What a sidecar says of itself in its node metadata, struct {@code weir}: where it wants to listen and where its access
 * log goes. Sidecars of one profile get the same resources; all but the listener are the same for every profile.
 *
 * @param listenAddress IP address, key {@code listen_address}, default {@code 127.0.0.1}
 * @param listenPort 1-65535, key {@code listen_port}, default {@code 10000}
 * @param accessLogPath file of the JSON access log, key {@code access_log}, default {@code weir-access.log}; relative to
 *     the sidecar's working directory
 */
public record SidecarProfile(String listenAddress, int listenPort, String accessLogPath) {
    public static final SidecarProfile DEFAULT = new SidecarProfile("127.0.0.1", 10000, "weir-access.log");
}
