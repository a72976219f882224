package dev.weir.control.collect;

import dev.weir.xds.peer.Pem;
import dev.weir.xds.peer.TlsIdentity;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a collector proves who it is. Of one thread. */
public final class LinkProof {
    private static final Logger log = LoggerFactory.getLogger(LinkProof.class);

    private final Optional<Path> folder;
    private final String serverName;
    private final @Nullable TlsIdentity identity;

    private LinkProof(Optional<Path> folder, String serverName) {
        this.folder = folder;
        this.serverName = serverName;
        this.identity = folder.map(path -> TlsIdentity.client(read(path))).orElse(null);
    }

    /** Not at all, in plain text. */
    public static LinkProof none() {
        return new LinkProof(Optional.empty(), "");
    }

    /**
     * By a certificate.
     *
     * @param folder with {@code tls.crt}, {@code tls.key} and {@code ca.crt}; read again for each new stream
     * @param serverName DNS name that the control plane's certificate must bear
     * @throws IllegalArgumentException when they cannot be used
     * @throws UncheckedIOException when they cannot be read
     */
    public static LinkProof certificate(Path folder, String serverName) {
        return new LinkProof(Optional.of(folder), serverName);
    }

    ChannelCredentials credentials() {
        return identity == null
                ? InsecureChannelCredentials.create()
                : TlsChannelCredentials.newBuilder()
                        .keyManager(identity.keys())
                        .trustManager(identity.trust())
                        .build();
    }

    Optional<String> serverName() {
        return identity == null ? Optional.empty() : Optional.of(serverName);
    }

    /** Takes files that were replaced; those that do not fit (yet) leave what there was. */
    void renew() {
        if (identity == null) {
            return;
        }
        try {
            identity.update(read(folder.orElseThrow()));
        } catch (IllegalArgumentException | UncheckedIOException e) {
            log.warn("{}: {}; the certificate before stays", folder.orElseThrow(), e.getMessage());
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
