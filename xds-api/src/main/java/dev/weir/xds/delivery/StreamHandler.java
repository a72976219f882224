package dev.weir.xds.delivery;

import dev.weir.xds.SafeMarshaller;
import dev.weir.xds.peer.Peer;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Context;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** Stands before the library's stream handler: which sidecar is there, what may pass, what was answered. */
final class StreamHandler implements ServerCallHandler<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
    /** Requests are small, but for the first of a type, which may name everything that the sidecar has. */
    static final SafeMarshaller<DeltaDiscoveryRequest> REQUESTS =
            new SafeMarshaller<>(DeltaDiscoveryRequest.getDefaultInstance(), 2 << 20);

    private final ServerCallHandler<DeltaDiscoveryRequest, DeltaDiscoveryResponse> library;
    private final Sidecars sidecars;

    StreamHandler(ServerCallHandler<DeltaDiscoveryRequest, DeltaDiscoveryResponse> library, Sidecars sidecars) {
        this.library = library;
        this.sidecars = sidecars;
    }

    @Override
    public ServerCall.Listener<DeltaDiscoveryRequest> startCall(
            ServerCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> call, Metadata headers) {
        Guarded guarded = new Guarded(call);
        return new Requests(guarded, library.startCall(guarded, headers));
    }

    /** A call that swallows what comes after its end, which a push may well do. */
    private static final class Guarded
            extends SimpleForwardingServerCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
        private @Nullable SidecarStream stream;
        private boolean closed;

        Guarded(ServerCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> call) {
            super(call);
        }

        @Override
        public synchronized void sendMessage(DeltaDiscoveryResponse response) {
            if (!closed && stream != null) {
                stream.send(response);
                super.sendMessage(response);
            }
        }

        @Override
        public synchronized void close(Status status, Metadata trailers) {
            if (!closed) {
                closed = true;
                super.close(status, trailers);
            }
        }
    }

    private final class Requests extends ServerCall.Listener<DeltaDiscoveryRequest> {
        private final Guarded call;
        private final ServerCall.Listener<DeltaDiscoveryRequest> next;
        private Context context = Context.current();
        private @Nullable SidecarStream stream;
        private boolean over;

        Requests(Guarded call, ServerCall.Listener<DeltaDiscoveryRequest> next) {
            this.call = call;
            this.next = next;
        }

        @Override
        public void onMessage(DeltaDiscoveryRequest request) {
            if (over) {
                return;
            }
            if (REQUESTS.unreadable(request)) {
                refuse(stream == null ? "" : stream.node(), "request", Status.INVALID_ARGUMENT, REQUESTS.expectation());
                return;
            }
            SidecarStream known = stream == null ? hello(request) : stream;
            if (known == null) {
                return;
            }
            String problem = known.receive(request);
            if (problem.isEmpty()) {
                context.run(() -> next.onMessage(known.shrink(request)));
                known.served(request);
                if (request.hasErrorDetail() && sidecars.looksElsewhere(known)) {
                    call.close(
                            Status.UNAVAILABLE.withDescription("another place for the system's authorities is tried"),
                            new Metadata());
                    end();
                    next.onCancel();
                }
            } else {
                refuse(known.node(), "request", Status.INVALID_ARGUMENT, problem);
            }
        }

        private @Nullable SidecarStream hello(DeltaDiscoveryRequest request) {
            NodeIdentity hello = NodeIdentityReader.read(request.getNode(), Peer.current());
            if (hello instanceof NodeIdentity.Denied denied) {
                refuse("", Peer.REFUSED, Status.PERMISSION_DENIED, denied.message());
                return null;
            }
            if (hello instanceof NodeIdentity.Refused refused) {
                refuse("", "node", Status.INVALID_ARGUMENT, refused.message());
                return null;
            }
            NodeIdentity.Accepted accepted = (NodeIdentity.Accepted) hello;
            String full = sidecars.full(accepted);
            if (!full.isEmpty()) {
                refuse(accepted.node(), "streams", Status.RESOURCE_EXHAUSTED, full);
                return null;
            }
            SidecarStream opened = sidecars.connect(accepted);
            if (opened == null) {
                refuse(
                        accepted.node(),
                        "profiles",
                        Status.RESOURCE_EXHAUSTED,
                        "node.metadata.weir: one more (expected: at most " + Profiles.MAX
                                + " different ones in the mesh)");
                return null;
            }
            stream = opened;
            context = context.withValue(SidecarStream.CURRENT, opened);
            synchronized (call) {
                call.stream = opened;
            }
            return opened;
        }

        private void refuse(String node, String kind, Status status, String message) {
            sidecars.reject(node, kind, message);
            call.close(status.withDescription(message), new Metadata());
            end();
            // the library learns of an end by cancellation only, and would keep its watches
            next.onCancel();
        }

        @Override
        public void onHalfClose() {
            if (!over) {
                context.run(next::onHalfClose);
            }
        }

        @Override
        public void onCancel() {
            end();
            next.onCancel();
        }

        @Override
        public void onComplete() {
            end();
            next.onComplete();
        }

        @Override
        public void onReady() {
            next.onReady();
        }

        private void end() {
            over = true;
            if (stream != null) {
                sidecars.disconnect(stream);
                stream = null;
            }
        }
    }
}
