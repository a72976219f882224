package dev.weir.control.envoy;

import dev.weir.control.model.Config;
import dev.weir.control.model.Consumers;
import dev.weir.control.model.Declarations.Declaration;
import dev.weir.control.model.Image;
import dev.weir.control.model.Loopback;
import dev.weir.control.model.Provider;
import dev.weir.control.model.ProviderProxy;
import dev.weir.control.model.Publisher;
import dev.weir.weights.bounce.SideLimits;
import dev.weir.xds.SparseLog;
import dev.weir.xds.delivery.Delivery;
import dev.weir.xds.delivery.ResourceSet;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.wire.ClusterName;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Gives the sides of providers their listener, routes, clusters and endpoints, each side those of its own providers. Their
 * limits go another way, by {@link LimitPublisher}, as they change with every tick.
 *
 * <p>Nothing is published before the first decision, or, for {@link ConsumerXdsPublisher#ADDRESS_GRACE_MILLIS}, without the
 * addresses: sides keep what an earlier process gave them. A provider that left the configuration stays until the longest
 * stream that it may hold has ended.
 */
public final class ProviderXdsPublisher implements Publisher {
    private static final int SPARE_PROFILES = 256;

    private final Delivery delivery;
    private final LongSupplier nanoTime;
    private final long startNanos;
    private final SidecarPaths paths = new SidecarPaths();
    private final Queue<SidecarProfile.Provider> arrivals = new ConcurrentLinkedQueue<>();
    private final Set<SidecarProfile.Provider> profiles = new LinkedHashSet<>();
    private final Map<String, Inputs> known = new HashMap<>();
    private final Map<String, ProviderResources> sides = new TreeMap<>();
    private final Map<String, Long> leaving = new HashMap<>();
    private final Map<String, Long> retryAfter = new HashMap<>();
    private final SparseLog log = new SparseLog(LoggerFactory.getLogger(ProviderXdsPublisher.class), System::nanoTime);
    private @Nullable Config config;
    /** Since the start, as of this publication. */
    private long nowMillis;

    private long waitingSinceMillis = -1;

    /** What a side is made of; equal inputs make equal resources. */
    private record Inputs(Provider provider, ProviderResources.Resting resting, List<String> addresses) {}

    /** @param nanoTime monotonic clock */
    public ProviderXdsPublisher(Delivery delivery, LongSupplier nanoTime) {
        this.delivery = delivery;
        this.nanoTime = nanoTime;
        this.startNanos = nanoTime.getAsLong();
    }

    /** Takes note that a side of this profile connected: it is served from the next tick on. May be called on any thread. */
    public void arrived(SidecarProfile.Provider profile) {
        arrivals.add(profile);
    }

    @Override
    public void publish(Image image, boolean released) {
        nowMillis = (nanoTime.getAsLong() - startNanos) / 1_000_000;
        if (image.decision().isEmpty() || !addressesKnown(image)) {
            return;
        }
        boolean changed = update(image);
        changed |= expire();
        changed |= waits(image);
        Set<SidecarProfile.Provider> arrived = arrived();
        Consumers consumers = image.config().mesh().consumers();
        for (SidecarProfile.Provider profile : changed ? List.copyOf(profiles) : arrived) {
            delivery.publish(profile, resources(profile, consumers));
        }
    }

    private boolean addressesKnown(Image image) {
        if (waitingSinceMillis < 0) {
            waitingSinceMillis = nowMillis;
        }
        return nowMillis - waitingSinceMillis >= ConsumerXdsPublisher.ADDRESS_GRACE_MILLIS
                || !known.isEmpty()
                || image.config().providers().values().stream()
                        .filter(provider -> provider.proxy().isPresent())
                        .noneMatch(provider -> addresses(image, provider).isEmpty());
    }

    private static List<String> addresses(Image image, Provider provider) {
        return image.addresses().getOrDefault(ClusterName.firstAttempts(provider.name()), List.of());
    }

    private boolean update(Image image) {
        Config before = config;
        boolean poolsChanged =
                before == null || !before.pools().equals(image.config().pools());
        config = image.config();
        Set<String> gone = new HashSet<>(sides.keySet());
        boolean changed = before == null
                || !before.mesh().consumers().equals(config.mesh().consumers());
        for (Provider provider : config.providers().values()) {
            if (provider.proxy().isEmpty()) {
                continue;
            }
            gone.remove(provider.name());
            leaving.remove(provider.name());
            Optional<Declaration> declared =
                    Optional.ofNullable(image.declarations().byProvider().get(provider.name()));
            Inputs inputs = new Inputs(
                    provider, ProviderResources.Resting.of(config, provider, declared), addresses(image, provider));
            if (poolsChanged || !inputs.equals(known.get(provider.name()))) {
                known.put(provider.name(), inputs);
                sides.put(provider.name(), ProviderResources.of(config, provider, inputs.resting, inputs.addresses));
                changed = true;
            }
        }
        for (String name : gone) {
            ProviderResources side = sides.get(name);
            if (side != null) {
                leaving.putIfAbsent(
                        name, nowMillis + side.longest().toMillis() + ConsumerXdsPublisher.CLUSTER_GRACE_MILLIS);
            }
        }
        return changed;
    }

    private boolean expire() {
        Set<String> over = new HashSet<>();
        leaving.forEach((name, until) -> {
            if (nowMillis >= until) {
                over.add(name);
            }
        });
        over.forEach(name -> {
            leaving.remove(name);
            sides.remove(name);
            known.remove(name);
            retryAfter.remove(name);
        });
        return !over.isEmpty();
    }

    private boolean waits(Image image) {
        boolean changed = false;
        for (Map.Entry<String, SideLimits> each : image.limits().entrySet()) {
            Long now = RetryAfter.millis(each.getValue().levelSeconds());
            changed |= !now.equals(retryAfter.put(each.getKey(), now));
        }
        return changed;
    }

    private Set<SidecarProfile.Provider> arrived() {
        Set<SidecarProfile.Provider> arrived = new LinkedHashSet<>();
        for (SidecarProfile.Provider profile = arrivals.poll(); profile != null; profile = arrivals.poll()) {
            arrived.add(profile);
        }
        profiles.addAll(arrived);
        if (profiles.size() > SPARE_PROFILES) {
            Set<SidecarProfile> used = new HashSet<>(arrived);
            delivery.sidecars().forEach(sidecar -> used.add(sidecar.profile()));
            profiles.retainAll(used);
        }
        return arrived;
    }

    private ResourceSet resources(SidecarProfile.Provider profile, Consumers consumers) {
        List<Cluster> clusters = new ArrayList<>();
        List<ClusterLoadAssignment> endpoints = new ArrayList<>();
        List<ProviderRoutes.Entry> entries = new ArrayList<>();
        List<Secret> secrets = new ArrayList<>();
        for (String name : profile.providers()) {
            ProviderResources side = sides.get(name);
            if (side != null) {
                clusters.addAll(side.clusters());
                endpoints.addAll(side.endpoints());
                Credential.secret(side.provider()).ifPresent(secrets::add);
                entries.add(new ProviderRoutes.Entry(
                        name, retryAfter.getOrDefault(name, RetryAfter.millis(0)), side.longest()));
            }
        }
        boolean proven = asksForCertificates(profile);
        Optional<Consumers> callers = proven ? Optional.of(consumers) : Optional.empty();
        return new ResourceSet(
                paths.of(profile, clusters),
                endpoints,
                List.of(proven ? ProviderListener.proven(profile) : ProviderListener.open(profile)),
                List.of(ProviderRoutes.of(entries, callers, Set.of())),
                absent -> List.of(ProviderRoutes.of(entries, callers, absent)),
                secrets);
    }

    /**
     * Whether consumers come with certificates, or others could come. One that listens elsewhere than on loopback asks for
     * them whatever the configuration's host says, unless it is to be insecure.
     */
    private boolean asksForCertificates(SidecarProfile.Provider profile) {
        Map<String, ProviderProxy> said = new TreeMap<>();
        for (String name : profile.providers()) {
            Optional.ofNullable(sides.get(name))
                    .flatMap(side -> side.provider().proxy())
                    .ifPresent(side -> said.put(name, side));
        }
        boolean insecure = !said.isEmpty() && said.values().stream().allMatch(ProviderProxy::insecure);
        boolean asks = said.values().stream().anyMatch(side -> side.proven().isPresent())
                || (!insecure && !Loopback.is(profile.listenAddress()));
        said.values().removeIf(side -> side.proven().isPresent());
        if (asks && !said.isEmpty()) {
            log.warn(
                    "plain",
                    "the side at {}:{} asks for certificates, and consumers of {} come in plain text: let it listen on loopback,"
                            + " or say in their spec.sidecar where it is reached (not loopback) and its identity",
                    profile.listenAddress(),
                    profile.listenPort(),
                    said.keySet());
        }
        return asks;
    }
}
