package dev.weir.control.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.telemetry.AccessLogs;
import dev.weir.xds.telemetry.StreamBuffer;
import dev.weir.xds.wire.ControlPlaneClusters;
import dev.weir.xds.wire.WeirHeaders;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.ArrayList;
import java.util.List;

/** The listener of a consumer sidecar: the same for all but for where it listens and logs. */
final class ConsumerListener {
    static final String NAME = "agents";

    /** Name of the routes that it takes. */
    static final String ROUTES = "pools";

    /** Name of the access-log cluster in the sidecar's bootstrap. */
    private ConsumerListener() {}

    static Listener of(SidecarProfile.Consumer profile, CheckFilters checks) {
        return Listeners.http(NAME, profile, ROUTES, connectionManager(profile, checks));
    }

    private static HttpConnectionManager.Builder connectionManager(
            SidecarProfile.Consumer profile, CheckFilters checks) {
        return HttpConnectionManager.newBuilder()
                .addEarlyHeaderMutationExtensions(TypedExtensionConfig.newBuilder()
                        .setName("envoy.http.early_header_mutation.header_mutation")
                        .setTypedConfig(Any.pack(AgentHeaders.early())))
                .setGenerateRequestId(BoolValue.of(true))
                .setHttpProtocolOptions(http1())
                // without the filters that read bodies: a tunnel has no end, and is refused for want of a route
                .addUpgradeConfigs(HttpConnectionManager.UpgradeConfig.newBuilder()
                        .setUpgradeType("CONNECT")
                        .addFilters(
                                Listeners.filter("envoy.filters.http.router", Any.pack(Router.getDefaultInstance()))))
                .setNormalizePath(BoolValue.of(true))
                .setMergeSlashes(true)
                // while a body is still being read; from then on the route's own idle timeout counts
                .setStreamIdleTimeout(Durations.fromSeconds(120))
                // how long an agent waits for the end of a stream that its provider cut
                .setDelayedCloseTimeout(Durations.fromMillis(100))
                .setLocalReplyConfig(Errors.localReplies())
                .addAllHttpFilters(filters(profile, checks))
                .addAccessLog(AccessLogs.callsToFile(profile.accessLogPath()))
                .addAccessLog(AccessLogs.callsToService(ControlPlaneClusters.ACCESS_LOGS, StreamBuffer.BATCHED));
    }

    /**
     * Options of HTTP/1: 1.0, as of old proxies and health checks, is served. Offers to go on in another protocol are no reason
     * to refuse: only who asks for a WebSocket would not understand an answer in HTTP.
     */
    private static Http1ProtocolOptions http1() {
        return Http1ProtocolOptions.newBuilder()
                .setAcceptHttp10(true)
                .setDefaultHostForHttp10("weir")
                .addIgnoreHttp11Upgrade(StringMatcher.newBuilder()
                        .setSafeRegex(RegexMatcher.newBuilder().setRegex(anyBut("websocket"))))
                .build();
    }

    /** A pattern for every text but one, for RE2, which cannot say "not": every text but {@code word}, in any case. */
    private static String anyBut(String word) {
        StringBuilder regex = new StringBuilder("(?i)(");
        for (int i = 0; i < word.length(); i++) {
            String other = "[^" + word.charAt(i) + "].*";
            regex.append(word, 0, i).append(i == 0 ? other : "(" + other + ")?").append('|');
        }
        return regex.append(word).append(".+)").toString();
    }

    /** The HTTP filters in the order that requests pass; responses pass the other way. */
    private static List<HttpFilter> filters(SidecarProfile.Consumer profile, CheckFilters checks) {
        List<HttpFilter> filters = new ArrayList<>();
        filters.add(Browsers.filter());
        filters.addAll(Decompression.filters());
        filters.add(Listeners.filter("weir.pipe", Any.pack(Scripts.pipe())));
        filters.addAll(checks.filters());
        filters.add(Listeners.filter(PoolRoute.LUA, Any.pack(Scripts.consumer())));
        if (checks.paced()) {
            filters.add(Paces.filter());
        }
        filters.add(Redirects.filter());
        filters.add(Listeners.filter("envoy.filters.http.router", Any.pack(router(profile, checks))));
        return filters;
    }

    /** The router's settings: ends of picked requests come at once, all others in batches: the next request waits for them. */
    private static Message router(SidecarProfile.Consumer profile, CheckFilters checks) {
        Router.Builder router = Router.newBuilder()
                // of the router's own headers none is for providers or agents, and it would add them behind the
                // clusters' filters
                .setSuppressEnvoyHeaders(true)
                .addUpstreamLog(AccessLogs.attemptsToFile(profile.accessLogPath()))
                .addUpstreamLog(AccessLogs.progressToService(ControlPlaneClusters.ACCESS_LOGS, StreamBuffer.SLOW))
                .setUpstreamLogOptions(Router.UpstreamAccessLogOptions.newBuilder()
                        .setUpstreamLogFlushInterval(Durations.fromSeconds(AccessLogs.PROGRESS_SECONDS)));
        if (checks.any()) {
            router.addUpstreamLog(AccessLogs.attemptsWith(
                            WeirHeaders.PICK, ControlPlaneClusters.ACCESS_LOGS, StreamBuffer.IMMEDIATE))
                    .addUpstreamLog(AccessLogs.attemptsWithout(
                            WeirHeaders.PICK, ControlPlaneClusters.ACCESS_LOGS, StreamBuffer.BATCHED));
        } else {
            router.addUpstreamLog(AccessLogs.attemptsToService(ControlPlaneClusters.ACCESS_LOGS, StreamBuffer.BATCHED));
        }
        return router.build();
    }
}
