package dev.weir.xds.delivery;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import dev.weir.xds.SafeMarshaller;
import dev.weir.xds.peer.Peer;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.runtime.v3.Runtime;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One side's runtime stream: who it is, what it was told, what it said to that. */
final class RuntimeStream implements StreamObserver<DiscoveryRequest> {
    private static final String TYPE = "type.googleapis.com/envoy.service.runtime.v3.Runtime";

    private final StreamObserver<DiscoveryResponse> answers;
    private final SafeMarshaller<DiscoveryRequest> requests;
    private final DeliveryListener listener;
    private final LongSupplier nanoTime;
    private final Owner owner;
    private String node = "";

    @GuardedBy("this")
    private SidecarProfile.@Nullable Provider profile;

    @GuardedBy("this")
    private @Nullable Struct sent;

    @GuardedBy("this")
    private long number;

    @GuardedBy("this")
    private long sentNanos;

    @GuardedBy("this")
    private boolean over;

    /** Keeps the streams. */
    interface Owner {
        void subscribed(RuntimeStream stream);

        void ended(RuntimeStream stream);
    }

    RuntimeStream(
            StreamObserver<DiscoveryResponse> answers,
            SafeMarshaller<DiscoveryRequest> requests,
            DeliveryListener listener,
            LongSupplier nanoTime,
            Owner owner) {
        this.answers = answers;
        this.requests = requests;
        this.listener = listener;
        this.nanoTime = nanoTime;
        this.owner = owner;
    }

    /** Sends this side's part of {@code limits} if it is known and not what was sent last. May be called on any thread. */
    synchronized void send(Map<String, Map<String, Integer>> limits) {
        if (over || profile == null) {
            return;
        }
        Struct layer = RuntimeLimits.layer(profile, limits);
        if (layer.getFieldsCount() == 0 || layer.equals(sent)) {
            return;
        }
        sent = layer;
        sentNanos = nanoTime.getAsLong();
        String version = Long.toString(++number);
        answers.onNext(DiscoveryResponse.newBuilder()
                .setTypeUrl(TYPE)
                .setVersionInfo(version)
                .setNonce(version)
                .addResources(Any.pack(Runtime.newBuilder()
                        .setName(RuntimeDelivery.LAYER)
                        .setLayer(layer)
                        .build()))
                .build());
    }

    @Override
    public void onNext(DiscoveryRequest request) {
        if (requests.unreadable(request)) {
            refuse("request", requests.expectation());
        } else if (node.isEmpty()) {
            hello(request);
        } else {
            answered(request);
        }
    }

    private void hello(DiscoveryRequest request) {
        NodeIdentity hello = NodeIdentityReader.read(request.getNode(), Peer.current());
        if (hello instanceof NodeIdentity.Denied denied) {
            refuse(Peer.REFUSED, denied.message());
            return;
        }
        if (hello instanceof NodeIdentity.Refused refused) {
            refuse("node", refused.message());
            return;
        }
        NodeIdentity.Accepted accepted = (NodeIdentity.Accepted) hello;
        if (!(accepted.profile() instanceof SidecarProfile.Provider provider)) {
            refuse("node", "node.metadata.weir.role: \"consumer\" (expected: provider; consumers have no limits)");
            return;
        }
        if (!request.getResourceNamesList().equals(List.of(RuntimeDelivery.LAYER))) {
            refuse(
                    "request",
                    "resource_names: " + request.getResourceNamesCount() + " (expected: " + RuntimeDelivery.LAYER
                            + ")");
            return;
        }
        synchronized (this) {
            if (over) {
                return;
            }
            node = accepted.node();
            profile = provider;
        }
        owner.subscribed(this);
    }

    private void answered(DiscoveryRequest request) {
        long latency;
        synchronized (this) {
            if (over || !request.getResponseNonce().equals(Long.toString(number))) {
                return; // of an earlier one, or of none
            }
            latency = nanoTime.getAsLong() - sentNanos;
        }
        if (request.hasErrorDetail()) {
            listener.refused(node, TYPE, request.getErrorDetail().getMessage());
        } else {
            listener.acknowledged(node, TYPE, latency);
        }
    }

    private void refuse(String kind, String message) {
        if (end()) {
            listener.rejected(node, kind, message);
            Status status = kind.equals(Peer.REFUSED) ? Status.PERMISSION_DENIED : Status.INVALID_ARGUMENT;
            answers.onError(status.withDescription(message).asRuntimeException());
        }
    }

    @Override
    public void onError(Throwable cancelled) {
        end();
    }

    @Override
    public void onCompleted() {
        if (end()) {
            answers.onCompleted();
        }
    }

    /** Ends the stream; false = it had ended before. */
    private boolean end() {
        synchronized (this) {
            if (over) {
                return false;
            }
            over = true;
        }
        owner.ended(this);
        return true;
    }
}
