package dev.weir.control.envoy;

import dev.weir.xds.resource.NewerFields;
import dev.weir.xds.resource.TypedStructs;
import dev.weir.xds.wire.WeirMetadata;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.type.matcher.v3.MetadataMatcher;
import io.envoyproxy.envoy.type.matcher.v3.MetadataMatcher.PathSegment;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.matcher.v3.ValueMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Routes that no provider stands behind: documents of the mesh's own, and clear errors instead of a default provider. */
final class FixedRoutes {
    /** Where a request waits while its body is being read: without endpoints, and nobody stays on it. */
    static final String UNREAD_CLUSTER = "weir-unread";

    private static final HeaderMatcher READS = HeaderMatcher.newBuilder()
            .setName(":method")
            .setStringMatch(StringMatcher.newBuilder()
                    .setSafeRegex(RegexMatcher.newBuilder().setRegex("GET|HEAD")))
            .build();

    private FixedRoutes() {}

    /**
     * A route that serves a JSON document.
     *
     * @param path RE2 of whole paths; looked at for GET and HEAD only
     */
    static Route document(String name, String path, String json, String epoch) {
        return Route.newBuilder()
                .setName(name)
                .setMatch(RouteMatch.newBuilder().setSafeRegex(regex(path)).addHeaders(READS))
                .setMetadata(epochOnly(epoch))
                .setDirectResponse(DirectResponseAction.newBuilder()
                        .setStatus(200)
                        .setBody(DataSource.newBuilder().setInlineString(json)))
                .addResponseHeadersToAdd(Headers.set("content-type", "application/json"))
                .build();
    }

    /**
     * The route of requests that are still to be read, which comes first: the route before the body is read decides how much of
     * it is read, and a direct response would read no more than Envoy's default.
     */
    static Route unread(long bodyLimit, String epoch) {
        return Route.newBuilder()
                .setName("unread")
                .setMatch(RouteMatch.newBuilder()
                        .setPrefix("/")
                        .addDynamicMetadata(requestKey(
                                        RequestFacts.READ,
                                        ValueMatcher.newBuilder().setBoolMatch(true))
                                .setInvert(true)))
                .setMetadata(Metadata.newBuilder()
                        .putFilterMetadata(
                                WeirMetadata.NAMESPACE,
                                TypedStructs.struct(Map.of(
                                        WeirMetadata.EPOCH, epoch, WeirMetadata.BODY_LIMIT, Long.toString(bodyLimit)))))
                .setRoute(RouteAction.newBuilder().setCluster(UNREAD_CLUSTER))
                .build();
    }

    /**
     * The route that refuses what a provider might read as another path than the one that pools are matched by: what it makes
     * of an escaped slash, or of {@code ..;}, is its own affair.
     */
    static Route ambiguous(String epoch) {
        return refusal(
                "ambiguous_path",
                RouteMatch.newBuilder()
                        .setSafeRegex(RegexMatcher.newBuilder().setRegex(".*(%2[fF]|%5[cC]|/(\\.|%2[eE]){2};).*")),
                400,
                Errors.ambiguousPath(),
                epoch);
    }

    /**
     * The route of one model of those there are: the script answers from the route's metadata, which costs no other request
     * anything. Where it finds none, the answer is that there is none.
     *
     * @param path RE2 of whole paths; looked at for GET and HEAD only
     * @param models what the script goes by
     */
    static Route model(String name, String path, Map<String, Object> models, String epoch) {
        Map<String, Object> told = new TreeMap<>(models);
        told.put("epoch", epoch);
        Metadata metadata = epochOnly(epoch).toBuilder()
                .putFilterMetadata(PoolRoute.LUA, TypedStructs.struct(told))
                .build();
        return answer(
                Route.newBuilder()
                        .setName(name)
                        .setMatch(RouteMatch.newBuilder()
                                .setSafeRegex(regex(path))
                                .addHeaders(READS))
                        .setMetadata(metadata),
                404,
                Errors.unknownModel());
    }

    /**
     * The route for a page in a browser that asks first, and it is none that {@link Browsers} answers. No provider is asked
     * instead.
     */
    static Route preflight(String epoch) {
        return refusal(
                "preflight",
                RouteMatch.newBuilder()
                        .setPrefix("/")
                        .addHeaders(HeaderMatcher.newBuilder()
                                .setName(":method")
                                .setStringMatch(StringMatcher.newBuilder().setExact("OPTIONS")))
                        .addHeaders(HeaderMatcher.newBuilder()
                                .setName("access-control-request-method")
                                .setPresentMatch(true)),
                403,
                Errors.unknownOrigin(),
                epoch);
    }

    /** The routes that refuse what no other takes, which come last: why the request is no pool's. */
    static List<Route> refusals(String epoch) {
        List<Route> routes = new ArrayList<>();
        routes.add(refusal(
                "unknown_path",
                anyPath().addDynamicMetadata(servedByAny().setInvert(true)),
                404,
                Errors.unknownPath(),
                epoch));
        routes.add(refusal(
                "no_model",
                problem().addDynamicMetadata(requestKey(RequestFacts.PARAM, text("model"))),
                400,
                Errors.problem("model"),
                epoch));
        routes.add(refusal("not_read", problem(), 400, Errors.problem(null), epoch));
        routes.add(refusal("unknown_model", anyPath(), 404, Errors.unknownModel(), epoch));
        return routes;
    }

    /** {@code route} answered by the sidecar itself. */
    static Route answer(Route.Builder route, int status, SubstitutionFormatString body) {
        DirectResponseAction.Builder action = DirectResponseAction.newBuilder().setStatus(status);
        return route.setDirectResponse(NewerFields.bodyFormat(action, body)).build();
    }

    private static Route refusal(
            String name, RouteMatch.Builder match, int status, SubstitutionFormatString body, String epoch) {
        return answer(Route.newBuilder().setName(name).setMatch(match).setMetadata(epochOnly(epoch)), status, body);
    }

    /** Matches requests of {@code match} that the pool of this name does not serve. */
    static Route unservedBy(String pool, RouteMatch match, String epoch) {
        return refusal("unserved:" + pool, match.toBuilder(), 404, Errors.unservedBy(pool), epoch);
    }

    private static RouteMatch.Builder problem() {
        return anyPath()
                .addDynamicMetadata(requestKey(
                        RequestFacts.PROBLEM, ValueMatcher.newBuilder().setPresentMatch(true)));
    }

    /** Matches a path that is an operation which every pool serves that does not say otherwise. */
    static MetadataMatcher.Builder servedByAny() {
        return requestKey(RequestFacts.BASE, text(RequestFacts.ANY_POOL));
    }

    static RouteMatch.Builder anyPath() {
        return RouteMatch.newBuilder().setPrefix("/");
    }

    static MetadataMatcher.Builder requestKey(String key, ValueMatcher.Builder value) {
        return MetadataMatcher.newBuilder()
                .setFilter(WeirMetadata.REQUEST)
                .addPath(PathSegment.newBuilder().setKey(key))
                .setValue(value);
    }

    private static RegexMatcher regex(String path) {
        return RegexMatcher.newBuilder().setRegex(path).build();
    }

    static ValueMatcher.Builder text(String value) {
        return ValueMatcher.newBuilder()
                .setStringMatch(StringMatcher.newBuilder().setExact(value));
    }

    static HeaderMatcher method(String method) {
        return HeaderMatcher.newBuilder()
                .setName(":method")
                .setStringMatch(StringMatcher.newBuilder().setExact(method))
                .build();
    }

    private static Metadata epochOnly(String epoch) {
        return Metadata.newBuilder()
                .putFilterMetadata(WeirMetadata.NAMESPACE, TypedStructs.struct(Map.of(WeirMetadata.EPOCH, epoch)))
                .build();
    }
}
