package dev.weir.control.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.wire.WeirHeaders;
import dev.weir.xds.wire.WeirMetadata;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLogFilter;
import io.envoyproxy.envoy.config.accesslog.v3.AndFilter;
import io.envoyproxy.envoy.config.accesslog.v3.HeaderFilter;
import io.envoyproxy.envoy.config.accesslog.v3.ResponseFlagFilter;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.LocalReplyConfig;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper;
import java.util.List;

/**
 * The listener of a provider's side. It believes what consumers' sidecars say (number of the attempt, provider, request id),
 * so it lets nobody else in: by certificates, or because it is on loopback.
 */
final class ProviderListener {
    static final String NAME = "consumers";

    /**
     * After so long a connection ends with its next answer, and its consumer proves anew who it is: certificates end and
     * authorities go while connections live. One at rest is closed by its consumer before this could cut it.
     */
    private static final int PROOF_MINUTES = 10;

    private ProviderListener() {}

    /** The listener for whoever reaches it. */
    static Listener open(SidecarProfile.Provider profile) {
        return Listeners.http(NAME, profile, ProviderRoutes.NAME, connectionManager(List.of()));
    }

    /** The listener for those whom the certificates of the mesh's authority and the routes name. */
    static Listener proven(SidecarProfile.Provider profile) {
        HttpConnectionManager.Builder manager = connectionManager(List.of(Callers.filter()));
        manager.getCommonHttpProtocolOptionsBuilder().setMaxConnectionDuration(Durations.fromMinutes(PROOF_MINUTES));
        Listener.Builder listener = Listeners.http(NAME, profile, ProviderRoutes.NAME, manager).toBuilder();
        listener.getFilterChainsBuilder(0).setTransportSocket(MeshTls.ofSide(profile.certificates()));
        return listener.build();
    }

    private static HttpConnectionManager.Builder connectionManager(List<HttpFilter> first) {
        return HttpConnectionManager.newBuilder()
                // the consumer's sidecar made one, and records are joined by it
                .setGenerateRequestId(BoolValue.of(false))
                // a consumer that gives up says so by closing; a queue may be silent for longer than any time-out here
                .setStreamIdleTimeout(Durations.ZERO)
                .setLocalReplyConfig(localReplies())
                .addAllHttpFilters(first)
                .addHttpFilters(Listeners.filter("envoy.filters.http.router", Any.pack(router())));
    }

    private static Router router() {
        // which are not for providers, and would be added behind the clusters' filters
        return Router.newBuilder().setSuppressEnvoyHeaders(true).build();
    }

    /**
     * Envoy's own replies: a first attempt that is refused is 503 with {@code x-envoy-overloaded}: the consumer's sidecar tries
     * it elsewhere, and no agent sees it.
     */
    private static LocalReplyConfig localReplies() {
        return LocalReplyConfig.newBuilder()
                .addMappers(Callers.refusal())
                .addMappers(ResponseMapper.newBuilder()
                        .setFilter(shed())
                        .setStatusCode(UInt32Value.of(429))
                        .addHeadersToAdd(Headers.set(
                                WeirHeaders.RETRY_ABOUT_MILLIS, WeirMetadata.ofRoute(ProviderRoutes.RETRY_AFTER)))
                        .addHeadersToAdd(Headers.set(WeirHeaders.RATELIMITED, "true"))
                        .setBodyFormatOverride(Errors.overloaded()))
                .addMappers(Errors.closedOnLargeBody(
                        "response.code >= 400 && (response.code_details.contains('connection_termination')"
                                + " || response.code_details.contains('remote_reset'))"))
                .addMappers(ResponseMapper.newBuilder()
                        .setFilter(flags("UO"))
                        .addHeadersToAdd(Headers.set(WeirHeaders.OVERLOADED, "true"))
                        .setBodyFormatOverride(Errors.unavailable()))
                .addMappers(ResponseMapper.newBuilder()
                        // the provider had it and cut: 503 would be tried again, as if it had never been there
                        .setFilter(flags("UC", "UR", "UPE"))
                        .setStatusCode(UInt32Value.of(502))
                        .setBodyFormatOverride(Errors.unavailable()))
                .addMappers(Errors.unavailable("response.code == 503"))
                .addMappers(Errors.mapper("response.code >= 400", Errors.unavailable()))
                .build();
    }

    private static AccessLogFilter shed() {
        return AccessLogFilter.newBuilder()
                .setAndFilter(AndFilter.newBuilder()
                        .addFilters(flags("UO"))
                        .addFilters(AccessLogFilter.newBuilder()
                                .setHeaderFilter(HeaderFilter.newBuilder().setHeader(ProviderRoutes.FURTHER))))
                .build();
    }

    private static AccessLogFilter flags(String... flags) {
        ResponseFlagFilter.Builder filter = ResponseFlagFilter.newBuilder();
        for (String flag : flags) {
            filter.addFlags(flag);
        }
        return AccessLogFilter.newBuilder().setResponseFlagFilter(filter).build();
    }
}
