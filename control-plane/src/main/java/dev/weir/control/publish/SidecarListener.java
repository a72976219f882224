package dev.weir.control.publish;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.telemetry.AccessLogs;
import dev.weir.xds.telemetry.StreamBuffer;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation;
import java.util.ArrayList;
import java.util.List;

/** The listener of a consumer sidecar: the same for all but for where it listens and logs. */
final class SidecarListener {
    static final String NAME = "agents";

    /** Name of the routes that it takes. */
    static final String ROUTES = "pools";

    /** Name of the access-log cluster in the sidecar's bootstrap. */
    private static final String ACCESS_LOG_CLUSTER = "als";

    private SidecarListener() {}

    static Listener of(SidecarProfile.Consumer profile, Checks checks) {
        return Listeners.http(NAME, profile, ROUTES, connectionManager(profile, checks));
    }

    private static HttpConnectionManager.Builder connectionManager(SidecarProfile.Consumer profile, Checks checks) {
        return HttpConnectionManager.newBuilder()
                .addEarlyHeaderMutationExtensions(TypedExtensionConfig.newBuilder()
                        .setName("envoy.http.early_header_mutation.header_mutation")
                        .setTypedConfig(Any.pack(removedFromAgents())))
                .setGenerateRequestId(BoolValue.of(true))
                .setNormalizePath(BoolValue.of(true))
                // while a body is still being read; from then on the route's own idle timeout counts
                .setStreamIdleTimeout(Durations.fromSeconds(120))
                // how long an agent waits for the end of a stream that its provider cut
                .setDelayedCloseTimeout(Durations.fromMillis(100))
                .setLocalReplyConfig(Errors.localReplies())
                .addAllHttpFilters(filters(profile, checks))
                .addAccessLog(AccessLogs.callsToFile(profile.accessLogPath()))
                .addAccessLog(AccessLogs.callsToService(ACCESS_LOG_CLUSTER, StreamBuffer.BATCHED));
    }

    /** Nothing that an agent says may look like something that Weir or Envoy said; answers come uncompressed. */
    private static HeaderMutation removedFromAgents() {
        return HeaderMutation.newBuilder()
                .addMutations(Headers.removingPrefix(Headers.PREFIX))
                // which many providers' frameworks take for the same
                .addMutations(Headers.removingPrefix("weir_"))
                .addMutations(Headers.removingPrefix("x-envoy-"))
                .addMutations(Headers.removing(Headers.REQUEST_ID))
                .addMutations(Headers.removing("x-forwarded-for"))
                .addMutations(Headers.removing("accept-encoding"))
                .build();
    }

    /** In the order that requests pass; responses pass the other way. */
    private static List<HttpFilter> filters(SidecarProfile.Consumer profile, Checks checks) {
        List<HttpFilter> filters = new ArrayList<>();
        filters.add(Listeners.filter("weir.request_body", Any.pack(BodyRules.ofRequests())));
        filters.addAll(checks.filters());
        filters.add(Listeners.filter(PoolRoute.LUA, Any.pack(Scripts.consumer())));
        filters.add(Listeners.filter("weir.answer", Any.pack(Scripts.answer())));
        filters.add(Listeners.filter("envoy.filters.http.router", Any.pack(router(profile, checks))));
        return filters;
    }

    /** Ends of picked requests come at once, all others in batches: the next request waits for them. */
    private static Message router(SidecarProfile.Consumer profile, Checks checks) {
        Router.Builder router = Router.newBuilder().addUpstreamLog(AccessLogs.attemptsToFile(profile.accessLogPath()));
        if (checks.any()) {
            router.addUpstreamLog(AccessLogs.attemptsWith(Headers.PICK, ACCESS_LOG_CLUSTER, StreamBuffer.IMMEDIATE))
                    .addUpstreamLog(AccessLogs.attemptsWithout(Headers.PICK, ACCESS_LOG_CLUSTER, StreamBuffer.BATCHED));
        } else {
            router.addUpstreamLog(AccessLogs.attemptsToService(ACCESS_LOG_CLUSTER, StreamBuffer.BATCHED));
        }
        return router.build();
    }
}
