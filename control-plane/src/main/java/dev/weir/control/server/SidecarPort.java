package dev.weir.control.server;

import dev.weir.control.model.Access;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh;
import dev.weir.xds.RejectionListener;
import dev.weir.xds.bounds.ByteBudget;
import dev.weir.xds.peer.Pem;
import dev.weir.xds.peer.Proof;
import dev.weir.xds.peer.TlsIdentity;
import dev.weir.xds.server.XdsServer;
import io.grpc.BindableService;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The port for sidecars and collectors, and who may connect to it as the configuration in force says. */
final class SidecarPort implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SidecarPort.class);

    private final KnownIdentities identities;
    private final Optional<TlsIdentity> own;
    private final XdsServer server;

    /**
     * Opens it.
     *
     * @param budget what messages with records may take together
     * @param rejections told of whom it refuses
     * @throws IOException when the address cannot be bound
     */
    SidecarPort(Config config, List<BindableService> services, ByteBudget budget, RejectionListener rejections)
            throws IOException {
        Mesh mesh = config.mesh();
        identities = new KnownIdentities(config);
        own = mesh.sidecars().access().tls().map(tls -> TlsIdentity.server(pem(tls)));
        if (own.isPresent()) {
            server = XdsServer.start(
                    mesh.sidecars().listen(), services, budget, new Proof(own.get(), identities, rejections));
        } else {
            if (mesh.sidecars().access().insecure()) {
                log.warn(
                        "spec.xds.insecure: whoever reaches {} reads providers' keys, writes records and moves prices",
                        mesh.sidecars().listen());
            } else {
                log.info("sidecars are believed without proof: every process of this machine may be one");
            }
            server = XdsServer.start(mesh.sidecars().listen(), services, budget);
        }
    }

    int port() {
        return server.port();
    }

    /** Takes back room that peers were given and do not use, and ends what they may no longer; to be called about every second. */
    void expire() {
        server.expire();
    }

    /** Takes what a configuration of the same shape says; calls that it does not allow end. */
    void configure(Config config) {
        identities.configure(config);
        own.ifPresent(identity -> config.mesh().sidecars().access().tls().ifPresent(tls -> identity.update(pem(tls))));
        server.recheck();
    }

    @Override
    public void close() {
        server.close();
    }

    private static Pem pem(Access.Tls tls) {
        return new Pem(tls.certificate(), tls.key(), tls.authorities());
    }
}
