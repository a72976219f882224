package dev.weir.control.envoy;

import com.google.protobuf.BoolValue;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import dev.weir.control.envoy.Shares.Share;
import dev.weir.control.model.Admission;
import dev.weir.control.model.Admission.OnUnavailable;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh;
import dev.weir.control.model.Pool;
import dev.weir.xds.resource.TypedStructs;
import dev.weir.xds.wire.ClusterName;
import dev.weir.xds.wire.WeirHeaders;
import dev.weir.xds.wire.WeirMetadata;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster.ClusterWeight;
import io.envoyproxy.envoy.type.matcher.v3.ValueMatcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The route of one pool. Everything but weights, epoch and congestion is built once per configuration. */
final class PoolRoute {
    /** Name of the Lua filter in the listener; route metadata of that name is what its script is told. */
    static final String LUA = "envoy.filters.http.lua";

    private final Pool pool;
    private final List<PoolMatch.Ranked> matches;
    private final Route frame;
    private final RouteAction action;
    private final RouteAction alone;
    /** What the listener's script is told of each route that calls providers. */
    private final Map<String, Object> calls;

    private final boolean turns;
    private final long bodyLimit;

    /** @param config with policy {@code WRR} Envoy draws by chance, as it does without Weir */
    PoolRoute(Pool pool, Config config) {
        this.pool = pool;
        matches = PoolMatch.of(pool);
        bodyLimit = config.mesh().agents().requestBodyLimit();
        boolean smooth = config.mesh().control().policy() != Mesh.Policy.WRR;
        turns = smooth || pool.stickyHeader().isPresent();
        RetryPolicies retries = new RetryPolicies(pool, config);
        calls = Map.of("pool", pool.name(), "sides", retries.sides());
        Map<String, Object> lua = new HashMap<>(calls);
        lua.put("smooth", smooth);
        pool.stickyHeader().ifPresent(header -> lua.put("sticky", header));
        frame = Route.newBuilder()
                .setName("pool:" + pool.name())
                .setMetadata(Metadata.newBuilder().putFilterMetadata(LUA, TypedStructs.struct(lua)))
                .build();
        RouteAction.Builder to = RouteAction.newBuilder()
                .setAutoHostRewrite(BoolValue.of(true))
                // streams are bounded as a whole and by their gaps, not by the time to their end
                .setTimeout(Durations.ZERO)
                .setIdleTimeout(duration(pool.timeouts().maxStream()))
                .setMaxStreamDuration(RouteAction.MaxStreamDuration.newBuilder()
                        .setMaxStreamDuration(duration(pool.timeouts().maxStream())));
        action = to.setRetryPolicy(retries.toOthers()).build();
        alone = to.setRetryPolicy(retries.toOneAlone()).build();
    }

    /** The prices that callers are charged: atomic units per 1 000 work units by provider, and the number of these prices. */
    record Prices(Map<String, Long> byProvider, long number) {}

    /** A route and its place among those of all pools, as {@link PoolMatch.Ranked} says it. */
    record Placed(int rank, Route route) {}

    /**
     * All routes while {@code shares} are in force, for each way to match: in a governed pool the one of picked requests comes first.
     *
     * @param clusters that there are
     * @param asking which requests are checked, in a governed pool
     * @param serviceSeconds mean service time
     */
    List<Placed> with(
            List<Share> shares,
            Prices prices,
            String epoch,
            int congestion,
            Set<String> clusters,
            CheckFilters.Asking asking,
            double serviceSeconds) {
        Route any = with(shares, prices, epoch, congestion);
        List<Placed> routes = new ArrayList<>();
        for (PoolMatch.Ranked each : matches) {
            Route split = any.toBuilder().setMatch(each.match()).build();
            checked(split, shares, clusters, asking, serviceSeconds)
                    .forEach(route -> routes.add(new Placed(each.rank(), route)));
        }
        return routes;
    }

    /** Refuses what the pool's match takes and its list of operations does not; none where it has no such list. */
    List<Placed> unserved(String epoch) {
        return pool.operations().isEmpty()
                ? List.of()
                : PoolMatch.anyOperation(pool.match()).stream()
                        .map(each -> new Placed(each.rank(), FixedRoutes.unservedBy(pool.name(), each.match(), epoch)))
                        .toList();
    }

    private List<Route> checked(
            Route split, List<Share> shares, Set<String> clusters, CheckFilters.Asking asking, double serviceSeconds) {
        Optional<Admission.Check> check = pool.admission().check();
        if (check.isEmpty() || shares.isEmpty()) {
            return List.of(split);
        }
        OnUnavailable onUnavailable = check.get().onUnavailable();
        boolean picks = pool.admission().pick().isPresent();
        if (picks && onUnavailable == OnUnavailable.OPEN && !everyMember(clusters)) {
            return List.of(split); // picks would name who cannot be called from here
        }
        Route asks = split.toBuilder()
                .putAllTypedPerFilterConfig(CheckFilters.on(pool.name(), onUnavailable, asking))
                .build();
        if (!picks) {
            return List.of(asks);
        }
        Route picked = picked(split, clusters);
        Optional<Map<String, Object>> pace = Paces.of(pool, onUnavailable, asking, serviceSeconds);
        if (pace.isPresent()) {
            return List.of(paced(picked, pace.get()), paced(asks, pace.get()));
        }
        return asking == CheckFilters.Asking.RARELY
                ? List.of(picked, following(asks), rare(asks), split)
                : List.of(picked, asks);
    }

    private static Route paced(Route route, Map<String, Object> pace) {
        Struct told = route.getMetadata().getFilterMetadataOrThrow(LUA).toBuilder()
                .putAllFields(TypedStructs.struct(Map.of(Paces.KEY, pace)).getFieldsMap())
                .build();
        Route.Builder paced = route.toBuilder();
        paced.getMetadataBuilder().putFilterMetadata(LUA, told);
        return paced.build();
    }

    /**
     * The route to the one provider of a request that follows up: only one provider can serve a request that follows up what it
     * made, and the check knows which.
     */
    private static Route following(Route asks) {
        Route.Builder route = asks.toBuilder().setName("follow:" + asks.getName());
        route.getMatchBuilder()
                .addDynamicMetadata(FixedRoutes.requestKey(
                        WeirMetadata.FOLLOWS, ValueMatcher.newBuilder().setPresentMatch(true)));
        return route.build();
    }

    private static Route rare(Route asks) {
        Route.Builder route = asks.toBuilder().setName("ask:" + asks.getName());
        route.getMatchBuilder().setRuntimeFraction(CheckFilters.rarely());
        return route.build();
    }

    private boolean everyMember(Set<String> clusters) {
        return pool.members().stream()
                .allMatch(member -> clusters.contains(ClusterName.of(pool.name(), member.provider())));
    }

    /** The route by a check's pick: every member has its place and one of {@code n} equal intervals, whatever was decided. */
    private Route picked(Route split, Set<String> known) {
        WeightedCluster.Builder entries = WeightedCluster.newBuilder().setHeaderName(WeirHeaders.PICK);
        String other = split.getRoute().getWeightedClusters().getClusters(0).getName();
        for (Pool.Member member : pool.members()) {
            String name = ClusterName.of(pool.name(), member.provider());
            // who cannot be called is never picked, but keeps the places of those after him
            entries.addClusters(ClusterWeight.newBuilder()
                    .setName(known.contains(name) ? name : other)
                    .setWeight(UInt32Value.of(1)));
        }
        Route.Builder route = split.toBuilder().setName("pick:" + pool.name());
        route.getMatchBuilder().addHeaders(present(WeirHeaders.PICK));
        // no turn: the number is drawn already
        route.getMetadataBuilder().putFilterMetadata(LUA, TypedStructs.struct(calls));
        return route.setRoute(toOneOf(entries)).build();
    }

    /** The route while {@code shares} are in force, without its match; with none it sheds. */
    private Route with(List<Share> shares, Prices prices, String epoch, int congestion) {
        Route.Builder route = frame.toBuilder();
        route.getMetadataBuilder().putFilterMetadata(WeirMetadata.NAMESPACE, terms(prices, epoch));
        route.addResponseHeadersToAdd(Headers.set(WeirHeaders.CONGESTION, Integer.toString(congestion)));
        if (shares.isEmpty()) {
            route.getMetadataBuilder().removeFilterMetadata(LUA);
            route.addResponseHeadersToAdd(Headers.set(WeirHeaders.RETRY_ABOUT_MILLIS, Errors.RETRY_ABOUT_MILLIS));
            return FixedRoutes.answer(route, 429, Errors.noProvider());
        }
        WeightedCluster.Builder clusters = WeightedCluster.newBuilder();
        if (turns || shares.size() > 1) {
            // without the header Envoy draws by chance
            clusters.setHeaderName(WeirHeaders.TURN);
        }
        List<String> providers = new ArrayList<>();
        List<Integer> weights = new ArrayList<>();
        for (Share share : shares) {
            clusters.addClusters(ClusterWeight.newBuilder()
                    .setName(ClusterName.of(pool.name(), share.provider()))
                    .setWeight(UInt32Value.of(share.weight())));
            providers.add(share.provider());
            weights.add(share.weight());
        }
        if (shares.size() > 1 || pool.stickyHeader().isPresent()) {
            Struct told = frame.getMetadata().getFilterMetadataOrThrow(LUA).toBuilder()
                    .putAllFields(TypedStructs.struct(Map.of("providers", providers, "weights", weights))
                            .getFieldsMap())
                    .build();
            route.getMetadataBuilder().putFilterMetadata(LUA, told);
        }
        return route.setRoute(toOneOf(clusters)).build();
    }

    /**
     * The action that sends a request to one of the members: an answer's status is tried on another provider or not at all: who
     * has just refused is not asked again.
     */
    private RouteAction toOneOf(WeightedCluster.Builder clusters) {
        long callable = clusters.getClustersList().stream()
                .filter(entry -> entry.getWeight().getValue() > 0)
                .map(ClusterWeight::getName)
                .distinct()
                .count();
        return (callable > 1 ? action : alone)
                .toBuilder().setWeightedClusters(clusters).build();
    }

    static Struct metadata(String pool, String epoch) {
        return TypedStructs.struct(Map.of(WeirMetadata.POOL, pool, WeirMetadata.EPOCH, epoch));
    }

    private Struct terms(Prices prices, String epoch) {
        // as text: the headers that are made of it must not be printed as floating point
        Map<String, Object> byProvider = new TreeMap<>();
        prices.byProvider().forEach((provider, price) -> byProvider.put(provider, Long.toString(price)));
        return metadata(pool.name(), epoch).toBuilder()
                .putAllFields(TypedStructs.struct(Map.of(
                                WeirMetadata.PRICE,
                                byProvider,
                                WeirMetadata.PRICE_EPOCH,
                                Long.toString(prices.number()),
                                "body_limit",
                                Long.toString(bodyLimit)))
                        .getFieldsMap())
                .build();
    }

    static HeaderMatcher present(String header) {
        return HeaderMatcher.newBuilder().setName(header).setPresentMatch(true).build();
    }

    static com.google.protobuf.Duration duration(Duration duration) {
        return Durations.fromNanos(duration.toNanos());
    }
}
