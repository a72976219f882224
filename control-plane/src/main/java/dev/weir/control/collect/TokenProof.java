package dev.weir.control.collect;

import dev.weir.xds.peer.Authorities;
import dev.weir.xds.peer.BearerToken;
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

/** Proof by a token. */
final class TokenProof implements LinkProof {
    private static final Logger log = LoggerFactory.getLogger(TokenProof.class);
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final Path token;
    private final Path authorities;
    private final String serverName;
    private final Authorities believed;
    private String header;

    TokenProof(Path token, Path authorities, String serverName) {
        this.token = token;
        this.authorities = authorities;
        this.serverName = serverName;
        try {
            header = BearerToken.header(token);
            believed = Authorities.ofServers(Files.readString(authorities));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public ChannelCredentials credentials() {
        return TlsChannelCredentials.newBuilder().trustManager(believed.trust()).build();
    }

    @Override
    public Optional<String> serverName() {
        return Optional.of(serverName);
    }

    @Override
    public Metadata headers() {
        Metadata headers = new Metadata();
        headers.put(AUTHORIZATION, header);
        return headers;
    }

    @Override
    public void renew() {
        try {
            header = BearerToken.header(token);
            believed.update(Files.readString(authorities));
        } catch (IllegalArgumentException | IOException e) {
            log.warn("{}, {}: {}; what was read before stays", token, authorities, e.getMessage());
        }
    }
}
