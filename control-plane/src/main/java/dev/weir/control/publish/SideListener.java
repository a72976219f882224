package dev.weir.control.publish;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import dev.weir.xds.delivery.SidecarProfile;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLogFilter;
import io.envoyproxy.envoy.config.accesslog.v3.AndFilter;
import io.envoyproxy.envoy.config.accesslog.v3.HeaderFilter;
import io.envoyproxy.envoy.config.accesslog.v3.ResponseFlagFilter;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.LocalReplyConfig;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper;

/**
 * The listener of a provider's side. It believes what consumers' sidecars say (number of the attempt, provider, request id),
 * so nobody else should reach it.
 */
final class SideListener {
    static final String NAME = "consumers";

    private SideListener() {}

    static Listener of(SidecarProfile.Provider profile) {
        return Listeners.http(NAME, profile, SideRoutes.NAME, connectionManager());
    }

    private static HttpConnectionManager.Builder connectionManager() {
        return HttpConnectionManager.newBuilder()
                // the consumer's sidecar made one, and records are joined by it
                .setGenerateRequestId(BoolValue.of(false))
                // a consumer that gives up says so by closing; a queue may be silent for longer than any time-out here
                .setStreamIdleTimeout(Durations.ZERO)
                .setLocalReplyConfig(localReplies())
                .addHttpFilters(Listeners.filter("envoy.filters.http.router", Any.pack(router())));
    }

    private static Router router() {
        // which are not for providers, and would be added behind the clusters' filters
        return Router.newBuilder().setSuppressEnvoyHeaders(true).build();
    }

    /**
     * A first attempt that is refused is 503 with {@code x-envoy-overloaded}: the consumer's sidecar tries it elsewhere, and no
     * agent sees it.
     */
    private static LocalReplyConfig localReplies() {
        return LocalReplyConfig.newBuilder()
                .addMappers(ResponseMapper.newBuilder()
                        .setFilter(shed())
                        .setStatusCode(UInt32Value.of(429))
                        .addHeadersToAdd(Headers.set(
                                Headers.RETRY_ABOUT_MILLIS,
                                "%METADATA(ROUTE:" + PoolRoute.METADATA + ":" + SideRoutes.RETRY_AFTER + ")%"))
                        .addHeadersToAdd(Headers.set(Headers.RATELIMITED, "true"))
                        .setBodyFormatOverride(Errors.overloaded()))
                .addMappers(Errors.closedOnLargeBody(
                        "response.code >= 400 && (response.code_details.contains('connection_termination')"
                                + " || response.code_details.contains('remote_reset'))"))
                .addMappers(ResponseMapper.newBuilder()
                        .setFilter(flags("UO"))
                        .addHeadersToAdd(Headers.set(Headers.OVERLOADED, "true"))
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
                                .setHeaderFilter(HeaderFilter.newBuilder().setHeader(SideRoutes.FURTHER))))
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
