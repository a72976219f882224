package dev.weir.xds.delivery;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.weir.xds.SparseLog;
import io.envoyproxy.controlplane.server.DefaultExecutorGroup;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.LoggerFactory;

/** {@link Delivery} by java-control-plane's cache and server, with the corrections of the classes beside it. */
public final class AdsDelivery implements Delivery {
    private static final SparseLog LOG = new SparseLog(LoggerFactory.getLogger(AdsDelivery.class), System::nanoTime);

    private final SidecarCache cache =
            new SidecarCache(node -> SidecarStream.CURRENT.get().profile());
    private final Profiles profiles = new Profiles(this::forget);
    private final Encoder encoder = new Encoder();
    private final Executor pushes;
    private final Sidecars sidecars;
    /** What was published and is not pushed yet; a newer set replaces an older one. */
    @GuardedBy("published")
    private final Map<SidecarProfile, ResourceSet> published = new LinkedHashMap<>();

    /**
     * @param listener told what happens on the streams
     * @param pushes runs one task after the other: encodes and sends what was published
     * @param nanoTime monotonic clock
     * @param wallMillis wall clock
     */
    public AdsDelivery(DeliveryListener listener, Executor pushes, LongSupplier nanoTime, LongSupplier wallMillis) {
        this.pushes = pushes;
        this.sidecars = new Sidecars(
                profiles, nanoTime, wallMillis, listener, Runtime.getRuntime().maxMemory());
    }

    /** The service of delta ADS, and no other. */
    @Override
    public List<BindableService> services() {
        V3DiscoveryServer server = new V3DiscoveryServer(
                List.of(), new TrackingConfigWatcher(cache), new DefaultExecutorGroup(), AdsDelivery::encoded);
        MethodDescriptor<DeltaDiscoveryRequest, DeltaDiscoveryResponse> delta =
                AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod();
        @SuppressWarnings("unchecked") // the types of the method's descriptor
        ServerMethodDefinition<DeltaDiscoveryRequest, DeltaDiscoveryResponse> library =
                (ServerMethodDefinition<DeltaDiscoveryRequest, DeltaDiscoveryResponse>)
                        server.getAggregatedDiscoveryServiceImpl().bindService().getMethod(delta.getFullMethodName());
        ServerServiceDefinition service = ServerServiceDefinition.builder(AggregatedDiscoveryServiceGrpc.SERVICE_NAME)
                .addMethod(
                        delta.toBuilder(StreamHandler.REQUESTS, delta.getResponseMarshaller())
                                .build(),
                        new StreamHandler(library.getServerCallHandler(), sidecars))
                .build();
        return List.of(() -> service);
    }

    @Override
    public void publish(SidecarProfile profile, ResourceSet resources) {
        unique(resources.clusters(), r -> r.getName());
        unique(resources.endpoints(), r -> r.getClusterName());
        unique(resources.listeners(), r -> r.getName());
        unique(resources.routes(), r -> r.getName());
        unique(resources.secrets(), r -> r.getName());
        synchronized (published) {
            boolean scheduled = !published.isEmpty();
            published.put(profile, resources);
            if (scheduled) {
                return;
            }
        }
        pushes.execute(this::push);
    }

    private void push() {
        Map<SidecarProfile, ResourceSet> sets;
        synchronized (published) {
            sets = new LinkedHashMap<>(published);
            published.clear();
        }
        sets.forEach((profile, set) -> sidecars.expect(profile, size(set)));
        encoder.nextRound();
        sets.forEach(this::push);
    }

    private void push(SidecarProfile profile, ResourceSet set) {
        if (!profiles.publish(profile)) {
            LOG.warn("profiles", "nothing was published for {}: there are {} other profiles", profile, Profiles.MAX);
            return;
        }
        try {
            cache.setSnapshot(profile, encoder.encode(set));
        } catch (RuntimeException e) {
            // the other profiles' sidecars must not pay for it
            LOG.warn("push", "a push to {} failed", profile, e);
        }
    }

    @Override
    public List<SidecarView> sidecars() {
        return sidecars.views();
    }

    private void forget(SidecarProfile profile) {
        cache.clearSnapshot(profile);
        sidecars.forget(profile);
    }

    private static int size(ResourceSet set) {
        return set.clusters().size()
                + set.endpoints().size()
                + set.listeners().size()
                + set.routes().size()
                + set.secrets().size();
    }

    private static <T> void unique(List<T> resources, Function<T, String> name) {
        Set<String> names = new HashSet<>();
        for (T resource : resources) {
            if (!names.add(name.apply(resource))) {
                throw new IllegalArgumentException("resource \"" + name.apply(resource) + "\": twice (expected: once)");
            }
        }
    }

    /** The resource itself, as snapshots hold resources as they go out. */
    private static Any encoded(Message resource, Object apiVersion) {
        return (Any) resource;
    }
}
