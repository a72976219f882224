package dev.weir.control.up;

import dev.weir.control.collect.HostPort;
import dev.weir.control.testbed.SidecarBootstrap;
import dev.weir.xds.delivery.SidecarProfile;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A consumer's sidecar on this machine.
 *
 * @param node its id, unique in the mesh
 * @param listen where agents call it
 * @param admin Envoy's own port
 * @param controlPlane where it finds its control plane
 * @param certificates folder with {@code identity.yaml} and {@code authorities.yaml}; empty = plain text
 * @param home its files: bootstrap and access log
 */
public record SidecarPlace(
        String node, HostPort listen, HostPort admin, HostPort controlPlane, Optional<Path> certificates, Path home) {
    /** Its bootstrap: {@code envoy-configs/consumer-sidecar.yaml} with these values. */
    public SidecarBootstrap bootstrap() {
        SidecarBootstrap here = SidecarBootstrap.consumer()
                .withNode(node)
                .withProfile(new SidecarProfile.Consumer(
                        listen.host(), listen.port(), accessLog().toString()))
                .withAdmin(admin.host(), admin.port());
        return certificates
                .map(folder -> here.withControlPlane(controlPlane.host(), controlPlane.port(), folder))
                .orElseGet(() -> here.withControlPlane(controlPlane.host(), controlPlane.port()));
    }

    public Path bootstrapFile() {
        return home.resolve("bootstrap.json");
    }

    public Path accessLog() {
        return home.resolve("access.log");
    }
}
