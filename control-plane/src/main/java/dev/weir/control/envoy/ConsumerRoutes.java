package dev.weir.control.envoy;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.BoolValue;
import com.google.protobuf.UInt32Value;
import dev.weir.control.envoy.Shares.Share;
import dev.weir.control.model.Config;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.xds.resource.NewerFields;
import dev.weir.xds.wire.WeirHeaders;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** All routes of a consumer sidecar. Made once per configuration; {@link #of} fills in what a decision says. */
final class ConsumerRoutes {
    /** Envoy's own default for the size of direct responses, bytes. */
    private static final int DIRECT_RESPONSE_BYTES = 4096;

    private final Config config;
    private final Map<String, PoolRoute> pools = new LinkedHashMap<>();
    private final String models;
    private final Map<String, Object> named;
    private final CheckFilters checks;

    ConsumerRoutes(Config config) {
        this.config = config;
        config.pools().values().stream()
                .sorted(Comparator.comparing(Pool::name))
                .forEach(pool -> pools.put(pool.name(), new PoolRoute(pool, config)));
        Map<String, String> known = PublicSignal.knownModels(config);
        models = PublicSignal.models(known);
        named = Map.of("models", known, "beginnings", beginnings(config), "unnamed", PublicSignal.model(config, ""));
        checks = CheckFilters.of(config);
    }

    /** Beginnings of models' names. */
    private static List<String> beginnings(Config config) {
        return config.pools().values().stream()
                .map(Pool::match)
                .filter(Match.Model.class::isInstance)
                .flatMap(match -> ((Match.Model) match).beginnings().stream())
                .toList();
    }

    /**
     * @param decided a pool that is missing in it has no congestion yet
     * @param shares by pool name; a pool without any sheds
     * @param prices by pool name, for every pool
     * @param serviceSeconds by pool name: mean service time of its members
     * @param clusters names of those that there are
     * @param handedOver names of governed pools that go by their split for a while
     * @param signal document of the public signal; empty = it is not served
     */
    RouteConfiguration of(
            String epoch,
            Proposal decided,
            Map<String, List<Share>> shares,
            Map<String, PoolRoute.Prices> prices,
            Optional<String> signal,
            Map<String, Double> serviceSeconds,
            Set<String> clusters,
            Set<String> handedOver) {
        List<Route> routes = new ArrayList<>();
        routes.add(FixedRoutes.unread(config.mesh().agents().requestBodyLimit(), epoch).toBuilder()
                .putAllTypedPerFilterConfig(checks.there())
                .build());
        routes.add(FixedRoutes.model("escaped_model", "(/.*)?/v1/models/.*%2[fF].*", named, epoch));
        routes.add(FixedRoutes.ambiguous(epoch));
        routes.add(FixedRoutes.preflight(epoch));
        signal.ifPresent(json -> routes.add(FixedRoutes.document("signal", "/\\.well-known/weir/?", json, epoch)));
        routes.add(FixedRoutes.document("models", "/v1/models/?", models, epoch));
        List<PoolRoute.Placed> placed = new ArrayList<>();
        pools.forEach((name, route) -> {
            int congestion = decided.pool(name).map(PoolProposal::congestion).orElse(0);
            Pool configured = requireNonNull(config.pools().get(name));
            double service = serviceSeconds.getOrDefault(name, 0.0);
            placed.addAll(route.with(
                    shares.getOrDefault(name, List.of()),
                    requireNonNull(prices.get(name)),
                    epoch,
                    congestion,
                    clusters,
                    asking(configured, handedOver, service),
                    service));
        });
        inOrder(placed, routes);
        // a pool of such paths comes before these
        routes.add(FixedRoutes.document("models_below", "/.*/v1/models/?", models, epoch));
        routes.add(FixedRoutes.model("model", "(/.*)?/v1/models/.+", named, epoch));
        inOrder(
                pools.values().stream()
                        .flatMap(route -> route.unserved(epoch).stream())
                        .toList(),
                routes);
        routes.addAll(FixedRoutes.refusals(epoch));
        VirtualHost.Builder host = VirtualHost.newBuilder()
                .setName("mesh")
                .addDomains("*")
                .setIncludeRequestAttemptCount(true)
                .addAllRoutes(routes);
        config.mesh().agents().cors().ifPresent(cors -> Browsers.allow(host, cors));
        return RouteConfiguration.newBuilder()
                .setName(ConsumerListener.ROUTES)
                .setValidateClusters(BoolValue.of(true))
                .putAllTypedPerFilterConfig(checks.off())
                .addAllResponseHeadersToAdd(Headers.onEveryResponse(epoch))
                .addResponseHeadersToRemove(WeirHeaders.OVERLOADED)
                .addResponseHeadersToRemove(WeirHeaders.RATELIMITED)
                .addResponseHeadersToRemove(WeirHeaders.OPTION_REFUSED)
                .addResponseHeadersToRemove(WeirHeaders.REFUSAL)
                .setMaxDirectResponseBodySizeBytes(UInt32Value.of(
                        Math.max(DIRECT_RESPONSE_BYTES, Math.max(bytes(models), bytes(signal.orElse(""))))))
                .addVirtualHosts(NewerFields.requestBodyBufferLimit(
                        host, config.mesh().agents().requestBodyLimit()))
                .build();
    }

    private static void inOrder(List<PoolRoute.Placed> placed, List<Route> routes) {
        placed.stream()
                .sorted(Comparator.comparingInt(PoolRoute.Placed::rank))
                .forEach(each -> routes.add(each.route()));
    }

    private static CheckFilters.Asking asking(Pool pool, Set<String> handedOver, double serviceSeconds) {
        if (handedOver.contains(pool.name())) {
            return CheckFilters.Asking.RARELY;
        }
        boolean waits = pool.admission()
                .pick()
                .filter(pick -> CheckFilters.waits(pick.queue(), serviceSeconds))
                .isPresent();
        return waits ? CheckFilters.Asking.HELD : CheckFilters.Asking.AT_ONCE;
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
