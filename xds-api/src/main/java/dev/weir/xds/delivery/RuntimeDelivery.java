package dev.weir.xds.delivery;

import com.google.errorprone.annotations.ThreadSafe;
import dev.weir.xds.SafeMarshaller;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.runtime.v3.RuntimeDiscoveryServiceGrpc;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Runtime discovery (RTDS) for the sides of providers: the layer {@code limits} with the limits of their clusters. In force
 * within milliseconds and without a cluster being rebuilt. A service of its own, because the ADS server underneath {@link
 * AdsDelivery} ends a stream that asks for a runtime layer.
 *
 * <p>A side keeps its last layer when its stream breaks.
 */
@ThreadSafe
public final class RuntimeDelivery implements BindableService {
    /** Name of the layer in a side's bootstrap. */
    public static final String LAYER = "limits";

    /** The first request brings the node with all its extensions, 61 KB. */
    private static final SafeMarshaller<DiscoveryRequest> REQUESTS =
            new SafeMarshaller<>(DiscoveryRequest.getDefaultInstance(), 1 << 20);

    private static final MethodDescriptor<DiscoveryRequest, DiscoveryResponse> METHOD =
            RuntimeDiscoveryServiceGrpc.getStreamRuntimeMethod().toBuilder(
                            REQUESTS,
                            RuntimeDiscoveryServiceGrpc.getStreamRuntimeMethod().getResponseMarshaller())
                    .build();

    private final DeliveryListener listener;
    private final LongSupplier nanoTime;
    private final Set<RuntimeStream> streams = ConcurrentHashMap.newKeySet();
    private volatile Map<String, Map<String, Integer>> limits = Map.of();

    /**
     * @param listener told what sides acknowledged or refused, and of streams that were ended for what they sent
     * @param nanoTime monotonic clock
     */
    public RuntimeDelivery(DeliveryListener listener, LongSupplier nanoTime) {
        this.listener = listener;
        this.nanoTime = nanoTime;
    }

    /**
     * Tells every side the limits of its providers, those connected now and those that connect later. A side hears only
     * what changed for it.
     *
     * @param all most requests in flight, 0 - 1 000 000, by provider and by cluster, whose name ends with {@code |provider};
     *     not all of a provider's may be 0
     * @throws IllegalArgumentException when they are not so; what was published before stays
     */
    public void publish(Map<String, Map<String, Integer>> all) {
        RuntimeLimits.check(all);
        limits = Map.copyOf(all);
        streams.forEach(stream -> stream.send(limits));
    }

    /** Sides with a stream. */
    int sides() {
        return streams.size();
    }

    @Override
    public ServerServiceDefinition bindService() {
        return ServerServiceDefinition.builder(RuntimeDiscoveryServiceGrpc.SERVICE_NAME)
                .addMethod(METHOD, ServerCalls.asyncBidiStreamingCall(this::open))
                .build();
    }

    private StreamObserver<DiscoveryRequest> open(StreamObserver<DiscoveryResponse> answers) {
        // without one, sending to a side that has gone would throw
        ((ServerCallStreamObserver<DiscoveryResponse>) answers).setOnCancelHandler(() -> {});
        return new RuntimeStream(answers, REQUESTS, listener, nanoTime, new RuntimeStream.Owner() {
            @Override
            public void subscribed(RuntimeStream stream) {
                streams.add(stream);
                stream.send(limits); // after it is in the set: what is published meanwhile is not missed
            }

            @Override
            public void ended(RuntimeStream stream) {
                streams.remove(stream);
            }
        });
    }
}
