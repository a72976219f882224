package dev.weir.control.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.Message;
import dev.weir.xds.delivery.SidecarProfile;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.PathConfigSource;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.core.v3.WatchedDirectory;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher.SanType;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;

/**
 * TLS between sidecars, with certificates at both ends. Each end reads its own from the files that it has for the control
 * plane too, and reads them again when they are replaced; no private key passes through the control plane.
 */
final class MeshTls {
    private static final String NAME = "envoy.transport_sockets.tls";

    /** What is spoken between sidecars. */
    private static final String PROTOCOL = "http/1.1";

    private MeshTls() {}

    /**
     * The socket to a side, at a consumer whose files are in the usual place: {@link SidecarPaths} says where they really are.
     *
     * @param side the SPIFFE id or DNS name that the other end must prove
     */
    static TransportSocket toSide(String side) {
        CertificateValidationContext expected = CertificateValidationContext.newBuilder()
                .addMatchTypedSubjectAltNames(SubjectAltNameMatcher.newBuilder()
                        .setSanType(side.startsWith("spiffe://") ? SanType.URI : SanType.DNS)
                        .setMatcher(StringMatcher.newBuilder().setExact(side)))
                .build();
        return socket(UpstreamTlsContext.newBuilder()
                .setCommonTlsContext(common(SidecarProfile.USUAL_CERTIFICATES, expected))
                .build());
    }

    /**
     * The socket of a side's listener. Whoever has a certificate of the mesh's authority comes in, to be told in words if he
     * may not call ({@link Callers}). Each connection proves it anew: a ticket would outlive the certificate that it stands
     * for.
     */
    static TransportSocket ofSide(String certificates) {
        return socket(DownstreamTlsContext.newBuilder()
                .setCommonTlsContext(common(certificates, CertificateValidationContext.getDefaultInstance()))
                .setRequireClientCertificate(BoolValue.of(true))
                .setDisableStatelessSessionResumption(true)
                .setDisableStatefulSessionResumption(true)
                .build());
    }

    /** The same socket with the files in another folder; without effect on TLS that has none of these files. */
    static void move(CommonTlsContext.Builder context, String folder) {
        if (context.getTlsCertificateSdsSecretConfigsCount() > 0) {
            CommonTlsContext moved =
                    common(folder, context.getCombinedValidationContext().getDefaultValidationContext());
            context.clear().mergeFrom(moved);
        }
    }

    private static CommonTlsContext common(String folder, CertificateValidationContext expected) {
        return CommonTlsContext.newBuilder()
                .addAlpnProtocols(PROTOCOL)
                .addTlsCertificateSdsSecretConfigs(secret("identity", folder))
                .setCombinedValidationContext(CombinedCertificateValidationContext.newBuilder()
                        .setDefaultValidationContext(expected)
                        .setValidationContextSdsSecretConfig(secret("authorities", folder)))
                .build();
    }

    private static SdsSecretConfig secret(String name, String folder) {
        String slash = folder.endsWith("/") ? "" : "/";
        return SdsSecretConfig.newBuilder()
                .setName(name)
                .setSdsConfig(ConfigSource.newBuilder()
                        .setResourceApiVersion(ApiVersion.V3)
                        .setPathConfigSource(PathConfigSource.newBuilder()
                                .setPath(folder + slash + name + ".yaml")
                                .setWatchedDirectory(
                                        WatchedDirectory.newBuilder().setPath(folder))))
                .build();
    }

    private static TransportSocket socket(Message context) {
        return TransportSocket.newBuilder()
                .setName(NAME)
                .setTypedConfig(Any.pack(context))
                .build();
    }
}
