package dev.weir.control.envoy;

import dev.weir.control.envoy.Shares.Share;
import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Image;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Provider;
import dev.weir.weights.Proposal.Member;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.xds.wire.ClusterName;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What all sidecars share under one configuration: clusters once, endpoints where an address changes, routes with each decision. */
final class ConsumerResources {
    private final Config config;
    private final Map<String, Cluster> clusters;
    private final List<Secret> secrets;
    private final ConsumerRoutes routes;
    private final Map<String, List<String>> known = new HashMap<>();
    private final Map<String, ClusterLoadAssignment> endpoints = new TreeMap<>();

    ConsumerResources(Config config) {
        this.config = config;
        clusters = Clusters.of(config);
        secrets = config.pools().values().stream()
                .flatMap(pool -> pool.members().stream())
                .map(member -> config.providers().get(member.provider()))
                .filter(provider -> provider != null && provider.proxy().isEmpty())
                .distinct()
                .flatMap(provider -> Credential.secret(provider).stream())
                .toList();
        routes = new ConsumerRoutes(config);
    }

    Map<String, Cluster> clusters() {
        return clusters;
    }

    /** Keys of the providers that consumers call themselves. */
    List<Secret> secrets() {
        return secrets;
    }

    Map<String, ClusterLoadAssignment> endpoints() {
        return endpoints;
    }

    /** Brings {@link #endpoints} up to date; those without a change stay the same objects. */
    void updateEndpoints(Image image) {
        for (Pool pool : config.pools().values()) {
            for (Pool.Member member : pool.members()) {
                Provider provider = config.providers().get(member.provider());
                String name = ClusterName.of(pool.name(), member.provider());
                if (provider == null || !clusters.containsKey(name)) {
                    continue;
                }
                List<String> addresses = image.addresses().getOrDefault(member.provider(), List.of());
                // without any, sidecars keep what they have
                if (!addresses.isEmpty() && !addresses.equals(known.put(name, addresses))) {
                    endpoints.put(name, Endpoints.toConsumers(name, provider, addresses));
                }
            }
        }
    }

    /**
     * The routes for sidecars without some clusters. Changes nothing, so any thread may ask.
     *
     * @param absent clusters that the sidecar does not have: their providers are not there for it
     */
    RouteConfiguration routes(Image image, Decision decision, Set<String> absent) {
        Set<String> there = new HashSet<>(clusters.keySet());
        there.removeAll(absent);
        Set<String> reachable = new HashSet<>(image.addresses().keySet());
        Map<String, List<Share>> shares = new HashMap<>();
        Map<String, PoolRoute.Prices> prices = new HashMap<>();
        for (Pool pool : config.pools().values()) {
            Set<String> callable = new HashSet<>(reachable);
            callable.removeIf(provider -> !there.contains(ClusterName.of(pool.name(), provider)));
            shares.put(pool.name(), Shares.of(pool, decision.proposal(), callable));
            prices.put(pool.name(), prices(pool, decision.proposal().pool(pool.name())));
        }
        Optional<String> signal = config.mesh().agents().publicSignal()
                ? Optional.of(PublicSignal.of(config, decision))
                : Optional.empty();
        return routes.of(
                decision.epoch().toString(),
                decision.proposal(),
                shares,
                prices,
                signal,
                ServiceTimes.of(decision.observation()),
                there,
                image.handedOver());
    }

    private static PoolRoute.Prices prices(Pool pool, Optional<PoolProposal> proposal) {
        Map<String, Long> byProvider = new HashMap<>();
        for (Pool.Member member : pool.members()) {
            byProvider.put(member.provider(), price(pool, proposal, member.provider()));
        }
        return new PoolRoute.Prices(
                byProvider, proposal.map(PoolProposal::priceNumber).orElse(0L));
    }

    private static long price(Pool pool, Optional<PoolProposal> proposal, String provider) {
        return proposal.map(
                        proposed -> proposed.member(provider).map(Member::price).orElse(proposed.price()))
                .orElse(pool.minPrice());
    }
}
