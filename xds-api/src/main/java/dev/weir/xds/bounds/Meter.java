package dev.weir.xds.bounds;

import dev.weir.xds.SparseLog;
import dev.weir.xds.bounds.ByteBudget.Account;
import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what a server's streams receive, byte by byte as it arrives, against two budgets: one for records, one for all
 * else. A connection may have a quarter of each. A stream whose message finds no room is ended with {@code RESOURCE_EXHAUSTED}; its peer tries again.
 * What streams send waits for room of its own ({@link Outbound}).
 */
public final class Meter {
    private static final Logger LOG = LoggerFactory.getLogger(Meter.class);
    private static final int CONNECTION_SHARE = 4;
    private static final Status NO_ROOM =
            Status.RESOURCE_EXHAUSTED.withDescription("no room for this message now (expected: later)");
    private static final Attributes.Key<Accounts> ACCOUNTS = Attributes.Key.create("weir-accounts");
    private static final Context.Key<Tracer> TRACER = Context.key("weir-tracer");

    private final Set<String> records;
    private final ByteBudget forRecords;
    private final ByteBudget forOthers;
    private final Set<Allowance> open = ConcurrentHashMap.newKeySet();
    private final SparseLog log = new SparseLog(LOG, System::nanoTime);
    private final int streams;
    private final Outbound outbound;

    /**
     * @param records names of the services that bring records, which may take much and can wait
     * @param forRecords what these may take
     * @param forOthers what all other services may take: records that come back from an outage are not to hold them up
     * @param streams most that may be open
     * @param forSending what may be under way to peers
     * @param executor sends what had to wait for room
     * @param cut breaks the connection from an address at once
     */
    public Meter(
            Set<String> records,
            ByteBudget forRecords,
            ByteBudget forOthers,
            int streams,
            ByteBudget forSending,
            Executor executor,
            Consumer<SocketAddress> cut) {
        this.records = Set.copyOf(records);
        this.forRecords = forRecords;
        this.forOthers = forOthers;
        this.streams = streams;
        this.outbound = new Outbound(forSending, executor, cut);
    }

    /** Puts itself before every service of {@code server}. */
    public void install(ServerBuilder<?> server) {
        server.addTransportFilter(new Connections());
        server.addStreamTracerFactory(new ServerStreamTracer.Factory() {
            @Override
            public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
                return new Tracer();
            }
        });
        server.intercept(new Calls());
    }

    /** Takes back what peers were promised and did not use, or do not take; to be called about every second. */
    public void expire() {
        long now = System.nanoTime();
        open.forEach(allowance -> allowance.expire(now));
        outbound.expire(now);
    }

    /** The accounts of one connection. */
    private record Accounts(Account records, Account others, Account sending) {}

    private final class Connections extends ServerTransportFilter {
        @Override
        public Attributes transportReady(Attributes attributes) {
            Accounts accounts = new Accounts(
                    forRecords.account(CONNECTION_SHARE), forOthers.account(CONNECTION_SHARE), outbound.account());
            return attributes.toBuilder().set(ACCOUNTS, accounts).build();
        }
    }

    private final class Tracer extends ServerStreamTracer {
        private final Allowance allowance = new Allowance();
        private volatile @Nullable PacedCall<?, ?> paced;
        private volatile boolean over;

        /** {@code call}, paced until the stream ends. */
        <Q, A> PacedCall<Q, A> paces(ServerCall<Q, A> call, Account account) {
            PacedCall<Q, A> made = outbound.paced(call, account);
            paced = made;
            if (over) {
                outbound.end(made);
            }
            return made;
        }

        @Override
        public Context filterContext(Context context) {
            open.add(allowance);
            return allowance.in(context).withValue(TRACER, this);
        }

        @Override
        public void inboundWireSize(long bytes) {
            allowance.arrives(bytes);
        }

        @Override
        public void inboundMessageRead(int number, long wireSize, long uncompressedSize) {
            allowance.whole();
        }

        @Override
        public void streamClosed(Status status) {
            open.remove(allowance);
            allowance.end();
            over = true;
            PacedCall<?, ?> mine = paced;
            if (mine != null) {
                outbound.end(mine);
            }
        }
    }

    private final class Calls implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            Accounts accounts = call.getAttributes().get(ACCOUNTS);
            Tracer tracer = TRACER.get();
            if (accounts == null || tracer == null) {
                throw new IllegalStateException("the meter is not installed as a whole");
            }
            if (open.size() > streams) {
                log.warn(
                        "stream",
                        "{} of {} was refused: {} streams are open (expected: at most {})",
                        call.getMethodDescriptor().getFullMethodName(),
                        call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR),
                        open.size() - 1,
                        streams);
                call.close(
                        Status.RESOURCE_EXHAUSTED.withDescription("one stream more than " + streams), new Metadata());
                return new ServerCall.Listener<>() {};
            }
            Optional<PacedCall<Q, A>> paced =
                    call.getMethodDescriptor().getType().serverSendsOneMessage()
                            ? Optional.empty()
                            : Optional.of(tracer.paces(call, accounts.sending()));
            EndableCall<Q, A> metered =
                    new EndableCall<>(paced.<ServerCall<Q, A>>map(each -> each).orElse(call));
            boolean record = records.contains(call.getMethodDescriptor().getServiceName());
            tracer.allowance.belongsTo(record ? accounts.records() : accounts.others(), () -> {
                if (metered.end(NO_ROOM)) {
                    say(call, record ? forRecords : forOthers);
                }
            });
            return new Listener<>(metered.listener(next.startCall(metered, headers)), tracer.allowance, paced);
        }
    }

    private void say(ServerCall<?, ?> call, ByteBudget budget) {
        log.warn(
                "message",
                "{} of {} was ended: no room for its message, {} of {} bytes are taken; it comes again",
                call.getMethodDescriptor().getFullMethodName(),
                call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR),
                budget.taken(),
                budget.total());
    }

    private static final class Listener<Q> extends SimpleForwardingServerCallListener<Q> {
        private final Allowance allowance;
        private final Optional<? extends PacedCall<Q, ?>> paced;

        Listener(ServerCall.Listener<Q> next, Allowance allowance, Optional<? extends PacedCall<Q, ?>> paced) {
            super(next);
            this.allowance = allowance;
            this.paced = paced;
        }

        @Override
        public void onReady() {
            paced.ifPresent(PacedCall::ready);
            super.onReady();
        }

        @Override
        public void onMessage(Q message) {
            allowance.handsOn();
            try {
                super.onMessage(message);
            } finally {
                allowance.handedOn();
            }
        }
    }
}
