package dev.weir.control.collect;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Metadata;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;

/** How a collector proves who it is, and whom it takes for the control plane. Not safe for several threads. */
public interface LinkProof {
    /** The credentials of every connection. */
    ChannelCredentials credentials();

    /** The DNS name that the control plane's certificate must bear; empty = there is none. */
    Optional<String> serverName();

    /** The headers that go with the next stream. */
    Metadata headers();

    /** Takes files that were replaced; those that do not fit (yet) leave what there was. */
    void renew();

    /** No proof at all, in plain text. */
    static LinkProof none() {
        return new LinkProof() {
            @Override
            public ChannelCredentials credentials() {
                return InsecureChannelCredentials.create();
            }

            @Override
            public Optional<String> serverName() {
                return Optional.empty();
            }

            @Override
            public Metadata headers() {
                return new Metadata();
            }

            @Override
            public void renew() {}
        };
    }

    /**
     * Proof by a certificate.
     *
     * @param folder with {@code tls.crt}, {@code tls.key} and {@code ca.crt}; read again for each new stream
     * @param serverName DNS name that the control plane's certificate must bear
     * @throws IllegalArgumentException when they cannot be used
     * @throws UncheckedIOException when they cannot be read
     */
    static LinkProof certificate(Path folder, String serverName) {
        return new CertificateProof(folder, serverName);
    }

    /**
     * Proof by a token; the files are read again for each new stream.
     *
     * @param token the file that holds it
     * @param authorities PEM file of those who may have issued the control plane's certificate
     * @param serverName as of {@link #certificate}, which throws likewise
     */
    static LinkProof token(Path token, Path authorities, String serverName) {
        return new TokenProof(token, authorities, serverName);
    }
}
