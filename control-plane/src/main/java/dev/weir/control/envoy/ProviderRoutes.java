package dev.weir.control.envoy;

import com.google.protobuf.BoolValue;
import com.google.protobuf.util.Durations;
import dev.weir.control.model.Consumers;
import dev.weir.xds.resource.TypedStructs;
import dev.weir.xds.wire.ClusterName;
import dev.weir.xds.wire.WeirHeaders;
import dev.weir.xds.wire.WeirMetadata;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.v3.Int64Range;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The routes of a provider's side: two per provider, by the number of the attempt. */
final class ProviderRoutes {
    static final String NAME = "providers";

    /** Key in the route's metadata: what a shed agent is told, milliseconds, as text. */
    static final String RETRY_AFTER = "retry_after_ms";

    /** Matches attempts that were refused or failed elsewhere. */
    static final HeaderMatcher FURTHER = HeaderMatcher.newBuilder()
            .setName(WeirHeaders.ATTEMPT)
            .setRangeMatch(Int64Range.newBuilder().setStart(2).setEnd(1_000_000))
            .build();

    private ProviderRoutes() {}

    /**
     * What a side has for one provider.
     *
     * @param longest stream that any of its pools allows; consumers' sidecars bound each by its own
     */
    record Entry(String provider, long retryAfterMillis, Duration longest) {}

    /**
     * @param callers who may call where the listener asks for certificates; empty = it does not
     * @param absent clusters that this side does not have: calls to their provider are answered 503 and go elsewhere
     */
    static RouteConfiguration of(List<Entry> entries, Optional<Consumers> callers, Set<String> absent) {
        VirtualHost.Builder host = VirtualHost.newBuilder().setName("providers").addDomains("*");
        callers.ifPresent(names -> host.putTypedPerFilterConfig(Callers.FILTER, Callers.named(names)));
        for (Entry entry : entries) {
            if (absent.contains(ClusterName.firstAttempts(entry.provider()))
                    || absent.contains(ClusterName.furtherAttempts(entry.provider()))) {
                host.addRoutes(Route.newBuilder()
                        .setName("absent:" + entry.provider())
                        .setMatch(match(entry))
                        .setDirectResponse(DirectResponseAction.newBuilder().setStatus(503)));
                continue;
            }
            host.addRoutes(route(entry, "further", ClusterName.furtherAttempts(entry.provider()))
                            .setMatch(match(entry).addHeaders(FURTHER)))
                    .addRoutes(route(entry, "first", ClusterName.firstAttempts(entry.provider()))
                            .setMatch(match(entry)));
        }
        if (callers.isPresent()) {
            // the names stand in routes alone: without one even a consumer would be told that it may not call
            host.addRoutes(Route.newBuilder()
                    .setName("unknown")
                    .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                    .setDirectResponse(DirectResponseAction.newBuilder().setStatus(404)));
        }
        return RouteConfiguration.newBuilder()
                .setName(NAME)
                .setValidateClusters(BoolValue.of(true))
                .addVirtualHosts(host)
                .build();
    }

    private static RouteMatch.Builder match(Entry entry) {
        return RouteMatch.newBuilder()
                .setPrefix("/")
                .addHeaders(HeaderMatcher.newBuilder()
                        .setName(WeirHeaders.PROVIDER)
                        .setStringMatch(StringMatcher.newBuilder().setExact(entry.provider())));
    }

    private static Route.Builder route(Entry entry, String attempts, String cluster) {
        com.google.protobuf.Duration longest =
                Durations.fromNanos(entry.longest().toNanos());
        return Route.newBuilder()
                .setName(attempts + ":" + entry.provider())
                .setMetadata(Metadata.newBuilder()
                        .putFilterMetadata(
                                WeirMetadata.NAMESPACE,
                                TypedStructs.struct(Map.of(RETRY_AFTER, Long.toString(entry.retryAfterMillis())))))
                .setRoute(RouteAction.newBuilder()
                        .setCluster(cluster)
                        .setAutoHostRewrite(BoolValue.of(true))
                        .setTimeout(Durations.ZERO)
                        .setIdleTimeout(longest)
                        .setMaxStreamDuration(
                                RouteAction.MaxStreamDuration.newBuilder().setMaxStreamDuration(longest)));
    }
}
