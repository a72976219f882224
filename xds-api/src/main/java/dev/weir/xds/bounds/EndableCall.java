package dev.weir.xds.bounds;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/** A call that others than its service may end: what its service says afterwards is swallowed. */
@ThreadSafe
public final class EndableCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
    @GuardedBy("this")
    private boolean closed;

    @GuardedBy("this")
    private boolean ended;

    public EndableCall(ServerCall<Q, A> call) {
        super(call);
    }

    /** Ends it, for a reason; false = it had ended. */
    public synchronized boolean end(Status status) {
        if (closed) {
            return false;
        }
        ended = true;
        closed = true;
        super.close(status, new Metadata());
        return true;
    }

    /** Hears for {@code service} what happens; an end that the service did not make is a cancellation to it. */
    public ServerCall.Listener<Q> listener(ServerCall.Listener<Q> service) {
        return new SimpleForwardingServerCallListener<>(service) {
            @Override
            public void onComplete() {
                if (wasEnded()) {
                    super.onCancel();
                } else {
                    super.onComplete();
                }
            }
        };
    }

    private synchronized boolean wasEnded() {
        return ended;
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
        if (!ended) {
            super.sendHeaders(headers);
        }
    }

    @Override
    public synchronized void sendMessage(A message) {
        if (!ended) {
            super.sendMessage(message);
        }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
        if (!ended) {
            closed = true;
            super.close(status, trailers);
        }
    }
}
