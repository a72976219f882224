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
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The requests that a pool takes, as matches of Envoy's routes. A pool that lists no operations takes those that {@code
 * request.lua} knows, by what it said of the request; one that does has a match for each.
 */
final class PoolMatch {
    /** Above every rank that names have by themselves: as many characters as a name may have, and more. */
    private static final int LONGEST_NAME = 1024;

    private PoolMatch() {}

    /**
     * A match and its place among those of all pools, the most specific first: longer path prefixes before shorter ones, a header
     * before the model, whole names of models before beginnings and longer ones of these before shorter ones, all before the prefix
     * {@code /} that takes everything.
     *
     * @param rank the lowest first
     */
    record Ranked(int rank, RouteMatch match) {}

    /** What a pool's match says beside the operation. */
    private record Condition(int rank, UnaryOperator<RouteMatch.Builder> to) {}

    /** The matches of which one must fit. */
    static List<Ranked> of(Pool pool) {
        List<Ranked> all = new ArrayList<>();
        for (Condition condition : conditions(pool.match())) {
            if (pool.operations().isEmpty()) {
                RouteMatch.Builder match = anyPath(pool.match()).addDynamicMetadata(known(pool.match()));
                all.add(ranked(condition, match));
            }
            pool.operations().forEach(operation -> all.add(ranked(condition, only(operation))));
        }
        return all;
    }

    /** The same, whatever the operation. */
    static List<Ranked> anyOperation(Pool.Match match) {
        return conditions(match).stream()
                .map(condition -> ranked(condition, anyPath(match)))
                .toList();
    }

    private static Ranked ranked(Condition condition, RouteMatch.Builder match) {
        return new Ranked(condition.rank(), condition.to().apply(match).build());
    }

    private static List<Condition> conditions(Pool.Match match) {
        if (match instanceof Pool.Match.PathPrefix path) {
            int length = path.prefix().length();
            return List.of(new Condition(length == 1 ? Integer.MAX_VALUE : -length, route -> route));
        }
        if (match instanceof Pool.Match.Header header) {
            HeaderMatcher matcher = HeaderMatcher.newBuilder()
                    .setName(header.name())
                    .setStringMatch(StringMatcher.newBuilder().setExact(header.value()))
                    .build();
            return List.of(new Condition(1, route -> route.addHeaders(matcher)));
        }
        Pool.Match.Model model = (Pool.Match.Model) match;
        List<Condition> conditions = new ArrayList<>();
        if (!model.whole().isEmpty()) {
            conditions.add(model(2, anyOf(model.whole())));
        }
        for (String beginning : model.beginnings()) {
            ValueMatcher.Builder begins = ValueMatcher.newBuilder()
                    .setStringMatch(StringMatcher.newBuilder().setPrefix(beginning));
            conditions.add(model(LONGEST_NAME - beginning.length(), begins));
        }
        return conditions;
    }

    private static Condition model(int rank, ValueMatcher.Builder name) {
        MetadataMatcher matcher =
                FixedRoutes.requestKey(RequestFacts.MODEL, name).build();
        return new Condition(rank, route -> route.addDynamicMetadata(matcher));
    }

    private static ValueMatcher.Builder anyOf(List<String> names) {
        if (names.size() == 1) {
            return FixedRoutes.text(names.get(0));
        }
        OrMatcher.Builder any = OrMatcher.newBuilder();
        names.forEach(name -> any.addValueMatchers(FixedRoutes.text(name)));
        return ValueMatcher.newBuilder().setOrMatch(any);
    }

    private static RouteMatch.Builder anyPath(Pool.Match match) {
        if (!(match instanceof Pool.Match.PathPrefix path)) {
            return FixedRoutes.anyPath();
        }
        String prefix = path.prefix();
        // /v1 is /v1 and /v1/x, but not /v10
        return prefix.endsWith("/")
                ? RouteMatch.newBuilder().setPrefix(prefix)
                : RouteMatch.newBuilder().setPathSeparatedPrefix(prefix);
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
    private static RouteMatch.Builder only(Pool.Operation operation) {
        UriTemplateMatchConfig template = UriTemplateMatchConfig.newBuilder()
                .setPathTemplate(operation.path())
                .build();
        return RouteMatch.newBuilder()
                .setPathMatchPolicy(TypedExtensionConfig.newBuilder()
                        .setName("envoy.path.match.uri_template.uri_template_matcher")
                        .setTypedConfig(Any.pack(template)))
                .addHeaders(FixedRoutes.method(operation.method()))
                .addDynamicMetadata(FixedRoutes.requestKey(
                        RequestFacts.BASE, ValueMatcher.newBuilder().setPresentMatch(true)));
    }
}
