package dev.weir.xds.server;

import com.google.errorprone.annotations.ThreadSafe;
import io.grpc.BindableService;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import java.net.SocketAddress;

/**
 * Makes a call complete for its service only when its peer has read all of it, not when it was written to a socket: a line may
 * hold what was written for as long as it likes. A call whose connection is lost before that does neither complete nor fail.
 */
@ThreadSafe
final class ReadReceipts {
    private final Gate gate;

    ReadReceipts(Gate gate) {
        this.gate = gate;
    }

    /** The service, whose calls complete late. */
    ServerServiceDefinition of(BindableService service) {
        return ServerInterceptors.intercept(service, new Calls());
    }

    private final class Calls implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            SocketAddress remote = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
            ServerCall.Listener<Q> listener = next.startCall(call, headers);
            return new SimpleForwardingServerCallListener<>(listener) {
                @Override
                public void onComplete() {
                    if (remote != null) {
                        gate.connection(remote).ifPresent(connection -> whenRead(connection, listener::onComplete));
                    }
                }
            };
        }
    }

    private static void whenRead(Channel connection, Runnable deed) {
        if (connection.eventLoop().inEventLoop()) {
            PingReceipts.of(connection).ifPresent(receipts -> receipts.whenRead(deed));
        } else {
            connection.eventLoop().execute(() -> whenRead(connection, deed));
        }
    }
}
