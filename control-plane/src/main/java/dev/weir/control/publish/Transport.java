package dev.weir.control.publish;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.weir.control.model.Config;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher.SanType;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TLS towards a provider's endpoint. */
final class Transport {
    private static final Logger log = LoggerFactory.getLogger(Transport.class);

    /** Where Debian, Ubuntu, Alpine and Envoy's own images keep the authorities that the system trusts. */
    private static final String SYSTEM_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";

    private static final int LARGEST_AUTHORITIES = 1 << 20;
    private static final Pattern IP = Pattern.compile("[0-9.]+|.*:.*");

    private Transport() {}

    /** The inner empty is plain text; the outer a provider that is not to be called, rather than one that trusts anybody. */
    static Optional<Optional<TransportSocket>> to(Config.Provider provider) {
        if (provider.tls().isEmpty()) {
            return Optional.of(Optional.empty());
        }
        try {
            return Optional.of(Optional.of(tls(provider.tls().get())));
        } catch (IOException e) {
            log.error("provider {} gets no traffic: its authorities cannot be read: {}", provider.name(), e.toString());
            return Optional.empty();
        }
    }

    private static TransportSocket tls(Config.Tls tls) throws IOException {
        boolean ip = IP.matcher(tls.serverName()).matches();
        UpstreamTlsContext.Builder context = UpstreamTlsContext.newBuilder()
                .setCommonTlsContext(CommonTlsContext.newBuilder()
                        .setValidationContext(CertificateValidationContext.newBuilder()
                                .setTrustedCa(authorities(tls.caFile()))
                                .addMatchTypedSubjectAltNames(SubjectAltNameMatcher.newBuilder()
                                        .setSanType(ip ? SanType.IP_ADDRESS : SanType.DNS)
                                        .setMatcher(StringMatcher.newBuilder().setExact(tls.serverName())))));
        if (!ip) {
            context.setSni(tls.serverName());
        }
        return TransportSocket.newBuilder()
                .setName("envoy.transport_sockets.tls")
                .setTypedConfig(Any.pack(context.build()))
                .build();
    }

    /** A file of ours is sent along, so that sidecars need no copy. */
    private static DataSource authorities(Optional<Path> file) throws IOException {
        if (file.isEmpty()) {
            return DataSource.newBuilder().setFilename(SYSTEM_AUTHORITIES).build();
        }
        Path path = file.get();
        if (Files.size(path) > LARGEST_AUTHORITIES) {
            throw new IOException(path + ": larger than " + LARGEST_AUTHORITIES + " bytes");
        }
        return DataSource.newBuilder()
                .setInlineBytes(ByteString.copyFrom(Files.readAllBytes(path)))
                .build();
    }
}
