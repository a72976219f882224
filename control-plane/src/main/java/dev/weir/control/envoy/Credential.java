package dev.weir.control.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.weir.control.model.Provider;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.extensions.filters.http.credential_injector.v3.CredentialInjector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.http.injected_credentials.generic.v3.Generic;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.GenericSecret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import java.util.Optional;

/**
 * A provider's key on its way into requests. It travels as a secret (SDS), which Envoy shows in no dump, and clusters name it:
 * a key that changes changes no cluster.
 */
final class Credential {
    private Credential() {}

    /** What whoever calls the provider's endpoint must have; empty = it wants no key. */
    static Optional<Secret> secret(Provider provider) {
        return provider.credentials()
                .map(credentials -> Secret.newBuilder()
                        .setName(name(provider))
                        .setGenericSecret(GenericSecret.newBuilder()
                                .setSecret(DataSource.newBuilder()
                                        .setInlineBytes(ByteString.copyFromUtf8(credentials.value()))))
                        .build());
    }

    /** The filter of its clusters that writes it into each attempt. */
    static Optional<HttpFilter> filter(Provider provider) {
        return provider.credentials()
                .map(credentials -> Listeners.filter(
                        "weir.credential",
                        Any.pack(CredentialInjector.newBuilder()
                                .setOverwrite(true)
                                .setCredential(TypedExtensionConfig.newBuilder()
                                        .setName("envoy.http.injected_credentials.generic")
                                        .setTypedConfig(Any.pack(Generic.newBuilder()
                                                .setHeader(credentials.header())
                                                .setCredential(SdsSecretConfig.newBuilder()
                                                        .setName(name(provider))
                                                        .setSdsConfig(ConfigSource.newBuilder()
                                                                .setAds(AggregatedConfigSource.getDefaultInstance())
                                                                .setResourceApiVersion(ApiVersion.V3)))
                                                .build())))
                                .build())));
    }

    private static String name(Provider provider) {
        return "credential|" + provider.name();
    }
}
