package dev.weir.xds.bounds;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.MessageLite;
import dev.weir.xds.bounds.ByteBudget.Account;
import dev.weir.xds.bounds.ByteBudget.Waiter;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A call whose messages are made into bytes only when there is room for these. Until then they wait as what they are, which
 * costs little: the same resources go to many sidecars. Bytes are given back when the socket has taken the last of them, since
 * they lie in memory outside the heap for as long as the peer does not read.
 */
@ThreadSafe
final class PacedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final Account account;
    private final Executor executor;

    @GuardedBy("this")
    private final Deque<A> waiting = new ArrayDeque<>();

    @GuardedBy("this")
    private @Nullable Waiter waiter;

    @GuardedBy("this")
    private @Nullable Runnable close;

    @GuardedBy("this")
    private long underWay;

    @GuardedBy("this")
    private long sinceNanos;

    @GuardedBy("this")
    private boolean over;

    @GuardedBy("this")
    private boolean closed;

    /**
     * @param account of the call's connection
     * @param executor makes bytes of what had to wait, and sends them
     */
    PacedCall(ServerCall<Q, A> call, Account account, Executor executor) {
        super(call);
        this.account = account;
        this.executor = executor;
        call.setOnReadyThreshold(1); // ready = all is gone
    }

    @Override
    public synchronized void sendMessage(A message) {
        if (over || close != null) {
            return;
        }
        long bytes = bytes(message);
        if (waiting.isEmpty() && account.tryTake(bytes)) {
            send(message, bytes);
            return;
        }
        waiting.addLast(message);
        if (waiting.size() == 1) {
            ask(bytes);
        }
    }

    /** With success once all messages are sent; else at once, and those that wait are dropped. */
    @Override
    public void close(Status status, Metadata trailers) {
        synchronized (this) {
            if (status.isOk() && !waiting.isEmpty()) {
                close = () -> closeNow(status, trailers);
                return;
            }
        }
        drop();
        closeNow(status, trailers);
    }

    private void closeNow(Status status, Metadata trailers) {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        super.close(status, trailers);
    }

    /** The transport can take more: if it has nothing left, all that was sent is gone. */
    void ready() {
        long gone = 0;
        synchronized (this) {
            if (isReady()) {
                gone = underWay;
                underWay = 0;
            }
        }
        give(gone);
    }

    /** The stream has ended, and with it what was under way. */
    void end() {
        drop();
        long all;
        synchronized (this) {
            all = underWay;
            underWay = 0;
        }
        give(all);
    }

    private void drop() {
        Waiter mine;
        synchronized (this) {
            over = true;
            mine = waiter;
            waiter = null;
            waiting.clear();
        }
        if (mine != null) {
            boolean unused = account.leave(mine); // if it is too late, next() gives back
        }
    }

    /** For how long there has been something under way without a moment in which there was nothing, ns; 0 = there is nothing. */
    synchronized long heldNanos(long nowNanos) {
        return underWay == 0 ? 0 : Math.max(1, nowNanos - sinceNanos);
    }

    @GuardedBy("this")
    private void send(A message, long bytes) {
        if (underWay == 0) {
            sinceNanos = System.nanoTime();
        }
        underWay += bytes;
        super.sendMessage(message);
    }

    /** For the first of those that wait; under the lock, as whoever grants only hands on. */
    @GuardedBy("this")
    private void ask(long bytes) {
        waiter = new Waiter(bytes, () -> {
            try {
                executor.execute(() -> next(bytes));
            } catch (RejectedExecutionException e) {
                give(bytes); // the port is closing, and its streams with it
            }
        });
        account.await(waiter);
    }

    private void next(long bytes) {
        Runnable then = null;
        synchronized (this) {
            A message = over ? null : waiting.pollFirst();
            waiter = null;
            if (message != null) {
                send(message, bytes);
                if (!waiting.isEmpty()) {
                    ask(bytes(waiting.getFirst()));
                } else {
                    then = close;
                }
                bytes = 0;
            }
        }
        give(bytes);
        if (then != null) {
            then.run();
        }
    }

    private void give(long bytes) {
        if (bytes > 0) {
            account.give(bytes);
        }
    }

    /** Of the message and the frame around it. */
    private static long bytes(Object message) {
        return 16 + (message instanceof MessageLite known ? known.getSerializedSize() : 0L);
    }
}
