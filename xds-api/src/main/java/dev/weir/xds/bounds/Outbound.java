package dev.weir.xds.bounds;

import com.google.errorprone.annotations.ThreadSafe;
import dev.weir.xds.SparseLog;
import dev.weir.xds.bounds.ByteBudget.Account;
import io.grpc.Grpc;
import io.grpc.ServerCall;
import java.net.SocketAddress;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a server sends takes no more than a budget, whoever asks for how much and does not read it. Connections wait in turn
 * for room; one that has not taken what it was sent for {@link #PATIENCE_NANOS} while others wait is cut.
 */
@ThreadSafe
final class Outbound {
    static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final Logger LOG = LoggerFactory.getLogger(Outbound.class);
    private static final int CONNECTION_SHARE = 4;

    private final ByteBudget budget;
    private final Executor executor;
    private final Consumer<SocketAddress> cut;
    private final Set<PacedCall<?, ?>> open = ConcurrentHashMap.newKeySet();
    private final SparseLog log = new SparseLog(LOG, System::nanoTime);

    /**
     * @param executor for what had to wait
     * @param cut breaks the connection from an address at once
     */
    Outbound(ByteBudget budget, Executor executor, Consumer<SocketAddress> cut) {
        this.budget = budget;
        this.executor = executor;
        this.cut = cut;
    }

    /** Of one connection, which may have a quarter. */
    Account account() {
        return budget.account(CONNECTION_SHARE);
    }

    /** {@code call} with messages that go out as there is room; {@link #end} is to follow. */
    <Q, A> PacedCall<Q, A> paced(ServerCall<Q, A> call, Account account) {
        PacedCall<Q, A> paced = new PacedCall<>(call, account, executor);
        open.add(paced);
        return paced;
    }

    /** The stream has ended. */
    void end(PacedCall<?, ?> call) {
        open.remove(call);
        call.end();
    }

    /** To be called about every second. */
    void expire(long nowNanos) {
        if (!budget.full()) {
            return;
        }
        Set<SocketAddress> late = new HashSet<>();
        for (PacedCall<?, ?> call : open) {
            SocketAddress remote = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
            if (remote != null && call.heldNanos(nowNanos) >= PATIENCE_NANOS) {
                late.add(remote);
            }
        }
        for (SocketAddress remote : late) {
            log.warn(
                    "untaken",
                    "the connection of {} was cut: it does not take what it asked for, and others wait ({} of {} bytes are taken)",
                    remote,
                    budget.taken(),
                    budget.total());
            cut.accept(remote);
        }
    }
}
