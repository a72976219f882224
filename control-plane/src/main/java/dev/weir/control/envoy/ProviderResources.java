package dev.weir.control.envoy;

import dev.weir.control.model.Config;
import dev.weir.control.model.Declarations.Declaration;
import dev.weir.control.model.Provider;
import dev.weir.control.model.Work;
import dev.weir.weights.bounce.SideLimits;
import dev.weir.xds.wire.ClusterName;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the side of one provider has: two clusters on the same endpoint, because each counts its own requests in flight.
 *
 * @param clusters first attempts, then others
 * @param endpoints of these, same order; none while no address is known: a side keeps those it has
 * @param longest stream that any of its pools allows
 */
record ProviderResources(
        Provider provider, List<Cluster> clusters, List<ClusterLoadAssignment> endpoints, Duration longest) {
    /**
     * The limits in the clusters themselves. Coarse, because a cluster that changes is built anew.
     *
     * @param first for first attempts
     * @param further for others: the end of the queue, up to a power of two
     */
    record Resting(int first, int further) {
        static Resting of(Config config, Provider provider, Optional<Declaration> declared) {
            double work = config.pools().values().stream()
                    .filter(pool -> pool.has(provider.name()))
                    .mapToDouble(pool -> pool.work() instanceof Work.PerToken tokens ? tokens.initialPerRequest() : 1)
                    .min()
                    .orElse(1);
            double wait =
                    provider.proxy().map(side -> side.maxWait().toNanos() / 1e9).orElse(0.0);
            SideLimits limits = SideLimits.resting(
                    declared.map(Declaration::likelySlots).orElse(1),
                    declared.map(Declaration::likelyRate).orElse(0.0) / work,
                    wait);
            return new Resting(limits.first(), Integer.highestOneBit(Math.max(1, limits.most() - 1)) << 1);
        }
    }

    /** @param resting its limits until it is told others */
    static ProviderResources of(Config config, Provider provider, Resting resting, List<String> addresses) {
        Optional<TransportSocket> socket = Transport.to(provider);
        HttpProtocolOptions options = Upstream.options(provider);
        String first = ClusterName.firstAttempts(provider.name());
        String further = ClusterName.furtherAttempts(provider.name());
        Duration longest = config.pools().values().stream()
                .filter(pool -> pool.has(provider.name()))
                .map(pool -> pool.timeouts().maxStream())
                .max(Duration::compareTo)
                .orElse(Duration.ofMinutes(30));
        return new ProviderResources(
                provider,
                List.of(
                        Clusters.limited(first, resting.first(), socket, options),
                        Clusters.limited(further, resting.further(), socket, options)),
                addresses.isEmpty()
                        ? List.of()
                        : List.of(Endpoints.of(first, provider, addresses), Endpoints.of(further, provider, addresses)),
                longest);
    }
}
