package dev.weir.control.collect;

import dev.weir.xds.peer.Pem;
import dev.weir.xds.peer.TlsIdentity;
import io.grpc.ChannelCredentials;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Proof by a certificate. */
final class CertificateProof implements LinkProof {
    private static final Logger log = LoggerFactory.getLogger(CertificateProof.class);

    private final Path folder;
    private final String serverName;
    private final TlsIdentity identity;

    CertificateProof(Path folder, String serverName) {
        this.folder = folder;
        this.serverName = serverName;
        this.identity = TlsIdentity.client(read(folder));
    }

    @Override
    public ChannelCredentials credentials() {
        return TlsChannelCredentials.newBuilder()
                .keyManager(identity.keys())
                .trustManager(identity.trust())
                .build();
    }

    @Override
    public Optional<String> serverName() {
        return Optional.of(serverName);
    }

    @Override
    public Metadata headers() {
        return new Metadata();
    }

    @Override
    public void renew() {
        try {
            identity.update(read(folder));
        } catch (IllegalArgumentException | UncheckedIOException e) {
            log.warn("{}: {}; the certificate before stays", folder, e.getMessage());
        }
    }

    private static Pem read(Path folder) {
        try {
            return new Pem(
                    Files.readString(folder.resolve("tls.crt")),
                    Files.readString(folder.resolve("tls.key")),
                    Files.readString(folder.resolve("ca.crt")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
