package dev.weir.control.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.weir.control.model.Provider;
import dev.weir.control.model.ProviderProxy;
import dev.weir.xds.delivery.SidecarProfile;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher.SanType;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.Optional;
import java.util.regex.Pattern;

/** TLS towards a provider. */
final class Transport {
    /** Where the authorities of the system are, until {@link SidecarPaths} says where this sidecar has them. */
    static final String SYSTEM = SidecarProfile.USUAL_AUTHORITIES.get(0);

    private static final Pattern IP = Pattern.compile("[0-9.]+|.*:.*");

    private Transport() {}

    /** The socket to the provider itself. Empty = plain text. */
    static Optional<TransportSocket> to(Provider provider) {
        return provider.endpoint().tls().map(Transport::tls);
    }

    /** The socket to what consumers call: the side before the provider where there is one. Likewise. */
    static Optional<TransportSocket> toConsumers(Provider provider) {
        return provider.proxy().isPresent()
                ? provider.proxy().flatMap(ProviderProxy::proven).map(MeshTls::toSide)
                : to(provider);
    }

    private static TransportSocket tls(Provider.Tls tls) {
        boolean ip = IP.matcher(tls.serverName()).matches();
        UpstreamTlsContext.Builder context = UpstreamTlsContext.newBuilder()
                .setCommonTlsContext(CommonTlsContext.newBuilder()
                        .setValidationContext(CertificateValidationContext.newBuilder()
                                .setTrustedCa(authorities(tls.authorities()))
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

    /** The authorities that are believed: those of a file of ours are sent along, so that sidecars need no copy. */
    private static DataSource authorities(Optional<String> pem) {
        return pem.map(text -> DataSource.newBuilder()
                        .setInlineBytes(ByteString.copyFromUtf8(text))
                        .build())
                .orElseGet(() -> DataSource.newBuilder().setFilename(SYSTEM).build());
    }
}
