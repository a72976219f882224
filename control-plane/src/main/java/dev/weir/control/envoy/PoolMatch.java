package dev.weir.control.envoy;

import com.google.protobuf.Any;
import dev.weir.control.model.Pool;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig;
import io.envoyproxy.envoy.type.matcher.v3.MetadataMatcher;
import io.envoyproxy.envoy.type.matcher.v3.OrMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.matcher.v3.ValueMatcher;
import java.util.List;

/**
 * The requests that a pool takes, as matches of Envoy's routes. A pool that lists no operations takes those that {@code
 * request.lua} knows, by what it said of the request; one that does has a match for each.
 */
final class PoolMatch {
    private PoolMatch() {}

    /** The matches of which one must fit. */
    static List<RouteMatch> of(Pool pool) {
        if (pool.operations().isEmpty()) {
            return List.of(anyOperation(pool.match()).toBuilder()
                    .addDynamicMetadata(known(pool.match()))
                    .build());
        }
        return pool.operations().stream()
                .map(operation -> only(pool.match(), operation))
                .toList();
    }

    static RouteMatch anyOperation(Pool.Match match) {
        if (match instanceof Pool.Match.PathPrefix path) {
            String prefix = path.prefix();
            // /v1 is /v1 and /v1/x, but not /v10
            return prefix.endsWith("/")
                    ? RouteMatch.newBuilder().setPrefix(prefix).build()
                    : RouteMatch.newBuilder().setPathSeparatedPrefix(prefix).build();
        }
        return named(FixedRoutes.anyPath(), match).build();
    }

    /** Matches any path that is an operation, or, of a pool that takes a prefix, is one behind this prefix. */
    private static MetadataMatcher known(Pool.Match match) {
        if (!(match instanceof Pool.Match.PathPrefix path)) {
            return FixedRoutes.servedByAny().build();
        }
        String prefix = path.prefix();
        String base = prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
        return FixedRoutes.requestKey(
                        RequestFacts.BASE,
                        ValueMatcher.newBuilder()
                                .setOrMatch(OrMatcher.newBuilder()
                                        .addValueMatchers(FixedRoutes.text(RequestFacts.ANY_POOL))
                                        .addValueMatchers(FixedRoutes.text(base))))
                .build();
    }

    /**
     * The match without paths that servers could take for other ones: a path that servers could take for another one is none of
     * the pool's.
     */
    private static RouteMatch only(Pool.Match match, Pool.Operation operation) {
        UriTemplateMatchConfig template = UriTemplateMatchConfig.newBuilder()
                .setPathTemplate(operation.path())
                .build();
        RouteMatch.Builder route = RouteMatch.newBuilder()
                .setPathMatchPolicy(TypedExtensionConfig.newBuilder()
                        .setName("envoy.path.match.uri_template.uri_template_matcher")
                        .setTypedConfig(Any.pack(template)))
                .addHeaders(FixedRoutes.method(operation.method()))
                .addDynamicMetadata(FixedRoutes.requestKey(
                        RequestFacts.BASE, ValueMatcher.newBuilder().setPresentMatch(true)));
        return named(route, match).build();
    }

    /** A route's match with what the pool's says beside the path. */
    private static RouteMatch.Builder named(RouteMatch.Builder route, Pool.Match match) {
        if (match instanceof Pool.Match.Model model) {
            route.addDynamicMetadata(FixedRoutes.requestKey(RequestFacts.MODEL, FixedRoutes.text(model.model())));
        } else if (match instanceof Pool.Match.Header header) {
            route.addHeaders(HeaderMatcher.newBuilder()
                    .setName(header.name())
                    .setStringMatch(StringMatcher.newBuilder().setExact(header.value())));
        }
        return route;
    }
}
