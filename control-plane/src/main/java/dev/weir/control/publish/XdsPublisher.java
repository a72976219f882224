package dev.weir.control.publish;

import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Image;
import dev.weir.weights.Proposal;
import dev.weir.xds.delivery.Delivery;
import dev.weir.xds.delivery.ResourceSet;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.delivery.SidecarView;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the sidecars what was released: clusters, endpoints, listeners and routes. Republishes when a decision was released,
 * the configuration or an address changed, a sidecar of a new profile came, or a retired cluster may go; a tick without any
 * of these costs nothing.
 *
 * <p>Before the first decision nothing is published: sidecars keep what an earlier process gave them. For the same reason the
 * first publication waits, {@link #ADDRESS_GRACE_MILLIS} at most, for the address of every provider that is to get traffic.
 */
public final class XdsPublisher implements Publisher {
    static final long ADDRESS_GRACE_MILLIS = 10_000;
    private static final Logger log = LoggerFactory.getLogger(XdsPublisher.class);

    private final Delivery delivery;
    private final Map<SidecarProfile, Listener> listeners = new HashMap<>();
    private final Queue<SidecarProfile> arrivals = new ConcurrentLinkedQueue<>();
    private final Retired retired = new Retired();
    private @Nullable Config config;
    private @Nullable Resources resources;
    private @Nullable Decision decision;
    private @Nullable RouteConfiguration routes;
    private Map<String, List<String>> addresses = Map.of();
    private long waitingSinceMillis = -1;

    public XdsPublisher(Delivery delivery) {
        this.delivery = delivery;
        listeners.put(SidecarProfile.DEFAULT, SidecarListener.of(SidecarProfile.DEFAULT));
    }

    /** A sidecar of this profile connected: the profile is served from the next tick on. Any thread. */
    public void arrived(SidecarProfile profile) {
        arrivals.add(profile);
    }

    @Override
    public void publish(Image image, boolean released) {
        if (image.decision().isEmpty()) {
            return;
        }
        Decision current = image.decision().get();
        if (decision == null && !addressesKnown(image, current)) {
            return;
        }
        boolean changed = configure(image);
        changed |= update(image, current);
        changed |= !retired.isEmpty() && retired.expire(image.atMillis(), delivery.sidecars());
        List<SidecarProfile> fresh = newProfiles();
        for (SidecarProfile profile : changed ? List.copyOf(listeners.keySet()) : fresh) {
            delivery.publish(profile, resourcesFor(profile));
        }
    }

    private boolean addressesKnown(Image image, Decision current) {
        if (waitingSinceMillis < 0) {
            waitingSinceMillis = image.atMillis();
        }
        List<String> unknown = new ArrayList<>();
        for (Proposal.PoolProposal pool : current.proposal().pools()) {
            for (Proposal.Member member : pool.members()) {
                if (member.weight() > 0
                        && image.config().providers().containsKey(member.provider())
                        && !image.addresses().containsKey(member.provider())) {
                    unknown.add(member.provider());
                }
            }
        }
        if (!unknown.isEmpty() && image.atMillis() - waitingSinceMillis >= ADDRESS_GRACE_MILLIS) {
            log.warn("publishing without {}: no address is known", unknown);
            return true;
        }
        return unknown.isEmpty();
    }

    private boolean configure(Image image) {
        Config next = image.config();
        if (resources != null && next.equals(config)) {
            return false;
        }
        Resources replacement = new Resources(next);
        if (resources != null && config != null) {
            retire(resources, replacement, config, image.atMillis());
        }
        retired.forget(replacement.clusters().keySet());
        config = next;
        resources = replacement;
        decision = null;
        return true;
    }

    private void retire(Resources before, Resources after, Config old, long nowMillis) {
        long drainMillis = old.pools().values().stream()
                .mapToLong(pool -> pool.maxStreamDuration().toMillis())
                .max()
                .orElse(0);
        List<SidecarView> sidecars = delivery.sidecars();
        before.clusters().forEach((name, cluster) -> {
            ClusterLoadAssignment endpoints = before.endpoints().get(name);
            if (!after.clusters().containsKey(name) && endpoints != null) {
                retired.add(cluster, endpoints, nowMillis, drainMillis, sidecars);
            }
        });
    }

    private boolean update(Image image, Decision current) {
        Resources now = resources;
        boolean same = current.equals(decision) && image.addresses().equals(addresses);
        if (now == null || same) {
            return false;
        }
        decision = current;
        addresses = image.addresses();
        now.updateEndpoints(image, current);
        routes = now.routes(image, current);
        return true;
    }

    private List<SidecarProfile> newProfiles() {
        List<SidecarProfile> fresh = new ArrayList<>();
        for (SidecarProfile profile = arrivals.poll(); profile != null; profile = arrivals.poll()) {
            if (!listeners.containsKey(profile)) {
                listeners.put(profile, SidecarListener.of(profile));
                fresh.add(profile);
            }
        }
        return fresh;
    }

    private ResourceSet resourcesFor(SidecarProfile profile) {
        Resources now = resources;
        Listener listener = listeners.get(profile);
        RouteConfiguration table = routes;
        if (now == null || listener == null || table == null) {
            throw new IllegalStateException("published before anything was built");
        }
        List<Cluster> clusters = new ArrayList<>(now.clusters().values());
        clusters.addAll(retired.clusters());
        clusters.add(Clusters.unread());
        List<ClusterLoadAssignment> endpoints = new ArrayList<>(now.endpoints().values());
        endpoints.addAll(retired.endpoints());
        return new ResourceSet(clusters, endpoints, List.of(listener), List.of(table));
    }
}
