package dev.weir.control.envoy;

import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Image;
import dev.weir.control.model.Publisher;
import dev.weir.weights.Proposal;
import dev.weir.xds.delivery.Delivery;
import dev.weir.xds.delivery.ResourceSet;
import dev.weir.xds.delivery.RouteTable;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.delivery.SidecarView;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives consumer sidecars what was released: clusters, endpoints, listeners and routes. Republishes when a decision was released,
 * the configuration or an address changed, a pool was handed over to its split or came back, a sidecar came, or a retired cluster may go; a tick without any of these costs
 * nothing.
 *
 * <p>Before the first decision nothing is published: sidecars keep what an earlier process gave them. For the same reason the
 * first publication waits, {@link #ADDRESS_GRACE_MILLIS} at most, for the address of every provider that is to get traffic.
 * Routes that name new clusters follow when the sidecars have these, {@link #CLUSTER_GRACE_MILLIS} later at most: a request
 * for a cluster that is still being set up fails. A sidecar that refuses a cluster gets routes without it.
 */
public final class ConsumerXdsPublisher implements Publisher {
    static final long ADDRESS_GRACE_MILLIS = 3_000;
    static final long CLUSTER_GRACE_MILLIS = 2_000;

    /** Listeners kept for profiles that no sidecar is connected with. */
    private static final int SPARE_PROFILES = 256;

    private static final Logger log = LoggerFactory.getLogger(ConsumerXdsPublisher.class);

    private final Delivery delivery;
    private final LongSupplier nanoTime;
    private final long startNanos;
    private final Map<SidecarProfile.Consumer, Listener> listeners = new HashMap<>();
    private final Queue<SidecarProfile.Consumer> arrivals = new ConcurrentLinkedQueue<>();
    private final RetiredClusters retired = new RetiredClusters();
    private final SidecarPaths paths = new SidecarPaths();
    private CheckFilters checks = new CheckFilters(Map.of());
    private @Nullable Config config;
    private @Nullable ConsumerResources resources;
    private @Nullable Decision decision;
    private @Nullable Table routes;
    private Map<String, List<String>> addresses = Map.of();
    private Set<String> handedOver = Set.of();
    private boolean routesDue;
    /** Since the start, as of this publication. */
    private long nowMillis;

    private long waitingSinceMillis = -1;
    /** When clusters went out that the routes may not name yet; -1 = they may name all. */
    private long clustersSentMillis = -1;

    /**
     * @param common of sidecars that have every cluster
     * @param each of every sidecar
     */
    private record Table(RouteConfiguration common, RouteTable each) {}

    /** @param nanoTime monotonic clock */
    public ConsumerXdsPublisher(Delivery delivery, LongSupplier nanoTime) {
        this.delivery = delivery;
        this.nanoTime = nanoTime;
        this.startNanos = nanoTime.getAsLong();
    }

    /**
     * Takes note that a consumer sidecar of this profile connected: it is served from the next tick on. May be called on any
     * thread.
     */
    public void arrived(SidecarProfile.Consumer profile) {
        arrivals.add(profile);
    }

    @Override
    public void publish(Image image, boolean released) {
        if (image.decision().isEmpty()) {
            return;
        }
        nowMillis = (nanoTime.getAsLong() - startNanos) / 1_000_000;
        Decision current = image.decision().get();
        if (resources == null && !addressesKnown(image, current)) {
            return;
        }
        boolean changed = configure(image);
        changed |= update(image, current);
        changed |= !retired.isEmpty() && retired.expire(nowMillis, consumers());
        Set<SidecarProfile.Consumer> arrived = arrived();
        for (SidecarProfile.Consumer profile : changed ? List.copyOf(listeners.keySet()) : arrived) {
            delivery.publish(profile, resourcesFor(profile));
        }
    }

    private boolean addressesKnown(Image image, Decision current) {
        if (waitingSinceMillis < 0) {
            waitingSinceMillis = nowMillis;
        }
        Set<String> unknown = new LinkedHashSet<>();
        for (Proposal.PoolProposal pool : current.proposal().pools()) {
            for (Proposal.Member member : pool.members()) {
                if (member.weight() > 0
                        && image.config().providers().containsKey(member.provider())
                        && image.addresses()
                                .getOrDefault(member.provider(), List.of())
                                .isEmpty()) {
                    unknown.add(member.provider());
                }
            }
        }
        if (!unknown.isEmpty() && nowMillis - waitingSinceMillis >= ADDRESS_GRACE_MILLIS) {
            log.warn("publishing without addresses of {}: sidecars keep those they have", unknown);
            return true;
        }
        return unknown.isEmpty();
    }

    private boolean configure(Image image) {
        Config next = image.config();
        if (resources != null && next.equals(config)) {
            return false;
        }
        ConsumerResources replacement = new ConsumerResources(next);
        if (resources != null && config != null) {
            boolean more = !resources
                    .clusters()
                    .keySet()
                    .containsAll(replacement.clusters().keySet());
            clustersSentMillis = more ? nowMillis : clustersSentMillis;
            retire(resources, replacement, config);
        }
        retired.forget(replacement.clusters().keySet());
        CheckFilters needed = CheckFilters.of(next);
        if (!needed.equals(checks)) {
            checks = needed;
            listeners.replaceAll((profile, listener) -> ConsumerListener.of(profile, needed));
        }
        config = next;
        resources = replacement;
        decision = null; // all of it has to be filled into the new resources
        return true;
    }

    private void retire(ConsumerResources before, ConsumerResources after, Config old) {
        long drainMillis = old.pools().values().stream()
                .mapToLong(pool -> pool.timeouts().maxStream().toMillis())
                .max()
                .orElse(0);
        List<SidecarView> sidecars = consumers();
        before.clusters().forEach((name, cluster) -> {
            if (!after.clusters().containsKey(name)) {
                Optional<ClusterLoadAssignment> endpoints =
                        Optional.ofNullable(before.endpoints().get(name));
                retired.add(cluster, endpoints, nowMillis, drainMillis + CLUSTER_GRACE_MILLIS, sidecars);
            }
        });
    }

    private boolean update(Image image, Decision current) {
        ConsumerResources now = resources;
        if (now == null) {
            return false;
        }
        boolean changed = !current.equals(decision) || !image.addresses().equals(addresses);
        if (changed) {
            decision = current;
            addresses = image.addresses();
            now.updateEndpoints(image);
            routesDue = true;
        }
        if (!image.handedOver().equals(handedOver)) {
            handedOver = image.handedOver();
            routesDue = true;
        }
        if (routesDue && !clustersMissing()) {
            routes = new Table(
                    now.routes(image, current, Set.of()), absent -> List.of(now.routes(image, current, absent)));
            routesDue = false;
            changed = true;
        }
        return changed;
    }

    private boolean clustersMissing() {
        if (clustersSentMillis < 0) {
            return false;
        }
        long age = nowMillis - clustersSentMillis;
        if (age > 0 && (age >= CLUSTER_GRACE_MILLIS || consumers().stream().allMatch(SidecarAcks::clusters))) {
            clustersSentMillis = -1;
        }
        return clustersSentMillis >= 0;
    }

    private List<SidecarView> consumers() {
        return delivery.sidecars().stream()
                .filter(sidecar -> sidecar.profile() instanceof SidecarProfile.Consumer)
                .toList();
    }

    private Set<SidecarProfile.Consumer> arrived() {
        Set<SidecarProfile.Consumer> arrived = new LinkedHashSet<>();
        for (SidecarProfile.Consumer profile = arrivals.poll(); profile != null; profile = arrivals.poll()) {
            arrived.add(profile);
        }
        arrived.forEach(profile -> listeners.computeIfAbsent(profile, each -> ConsumerListener.of(each, checks)));
        if (listeners.size() > SPARE_PROFILES) {
            Set<SidecarProfile> used = new LinkedHashSet<>(arrived);
            delivery.sidecars().forEach(sidecar -> used.add(sidecar.profile()));
            listeners.keySet().retainAll(used);
        }
        return arrived;
    }

    private ResourceSet resourcesFor(SidecarProfile.Consumer profile) {
        ConsumerResources now = resources;
        Listener listener = listeners.get(profile);
        Table table = routes;
        if (now == null || listener == null || table == null) {
            throw new IllegalStateException("published before anything was built");
        }
        List<Cluster> clusters = new ArrayList<>(now.clusters().values());
        clusters.addAll(retired.clusters());
        clusters.add(Clusters.UNREAD);
        List<ClusterLoadAssignment> endpoints = new ArrayList<>(now.endpoints().values());
        endpoints.addAll(retired.endpoints());
        return new ResourceSet(
                paths.of(profile, clusters),
                endpoints,
                List.of(listener),
                List.of(table.common()),
                table.each(),
                now.secrets());
    }
}
