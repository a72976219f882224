package dev.weir.xds.server;

import dev.weir.v1.CallsGrpc;
import dev.weir.v1.CollectorGrpc;
import dev.weir.v1.health.HealthGrpc;
import dev.weir.xds.bounds.ByteBudget;
import dev.weir.xds.bounds.Meter;
import dev.weir.xds.check.CheckService;
import dev.weir.xds.peer.PeerInterceptor;
import dev.weir.xds.peer.Proof;
import io.envoyproxy.envoy.service.accesslog.v3.AccessLogServiceGrpc;
import io.grpc.BindableService;
import io.grpc.Codec;
import io.grpc.DecompressorRegistry;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Serves all services to sidecars and collectors on one port, HTTP/2. */
public final class XdsServer implements AutoCloseable {
    /** Largest message of any service; none of ours comes near it. */
    private static final int MAX_MESSAGE_BYTES = 4 << 20;

    /** What a connection may send ahead of being read: held in memory before anybody asked for it. */
    private static final int WINDOW_BYTES = 64 << 10;

    private static final Set<String> RECORDS = Set.of(AccessLogServiceGrpc.SERVICE_NAME, CollectorGrpc.SERVICE_NAME);

    private static final Set<String> AT_ONCE = Set.of(
            CheckService.methodName(),
            HealthGrpc.getCheckMethod().getFullMethodName(),
            CallsGrpc.getBeginMethod().getFullMethodName());

    /** How long a connection may take to say that it speaks HTTP/2. */
    private static final int HANDSHAKE_SECONDS = 10;

    /**
     * How long streams are read on after the goodbye: what sidecars had sent, or send until their next health check, every half
     * second, finds nobody.
     */
    private static final long DRAIN_MILLIS = 800;

    /** A logger of gRPC that would print a stack trace for every connection that breaks or speaks something else. */
    private static final Logger TRANSPORTS =
            Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyServerTransport");

    /** A logger of gRPC that would print a stack trace for every message that is too large. */
    private static final Logger STREAMS = Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyServerStream");

    /**
     * A logger of gRPC that would print a stack trace, with words of the peer, for each stream that breaks or breaks the rules.
     */
    private static final Logger HANDLERS = Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyServerHandler");

    static {
        TRANSPORTS.setLevel(Level.WARNING);
        STREAMS.setLevel(Level.SEVERE);
        HANDLERS.setLevel(Level.SEVERE);
    }

    private final ExecutorService executor;
    private final Sockets sockets;
    private final Meter meter;
    private final Optional<PeerInterceptor> peers;
    private final Server server;

    private XdsServer(
            ExecutorService executor, Sockets sockets, Meter meter, Optional<PeerInterceptor> peers, Server server) {
        this.executor = executor;
        this.sockets = sockets;
        this.meter = meter;
        this.peers = peers;
        this.server = server;
    }

    /**
     * Starts, in plain text and for whoever can reach it.
     *
     * @param listen port 0 = any free one
     * @param budget what messages with records may take together while they arrive and are worked on
     * @throws IOException when the address cannot be bound
     */
    public static XdsServer start(InetSocketAddress listen, List<BindableService> services, ByteBudget budget)
            throws IOException {
        return start(listen, services, budget, PortBounds.ofProcess());
    }

    static XdsServer start(
            InetSocketAddress listen, List<BindableService> services, ByteBudget budget, PortBounds bounds)
            throws IOException {
        return start(
                NettyServerBuilder.forAddress(listen, InsecureServerCredentials.create()),
                services,
                budget,
                new Gate(bounds.connections()),
                Optional.empty(),
                bounds);
    }

    /** Starts with TLS, for those who can prove who they are; otherwise likewise. */
    public static XdsServer start(
            InetSocketAddress listen, List<BindableService> services, ByteBudget budget, Proof proof)
            throws IOException {
        PortBounds bounds = PortBounds.ofProcess();
        Gate gate = new Gate(bounds.connections());
        PeerInterceptor peers = new PeerInterceptor(proof, Set.of(CheckService.methodName()), gate::hangUp);
        return start(
                NettyServerBuilder.forAddress(listen, proof.credentials()),
                services,
                budget,
                gate,
                Optional.of(peers),
                bounds);
    }

    private static XdsServer start(
            NettyServerBuilder builder,
            List<BindableService> services,
            ByteBudget budget,
            Gate gate,
            Optional<PeerInterceptor> peers,
            PortBounds bounds)
            throws IOException {
        AtomicInteger number = new AtomicInteger();
        ExecutorService executor =
                Executors.newFixedThreadPool(Math.max(2, Runtime.getRuntime().availableProcessors()), task -> {
                    Thread thread = new Thread(task, "weir-xds-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        builder.callExecutor(new ServerCallExecutorSupplier() {
                    @Override
                    public <Q, A> Executor getExecutor(ServerCall<Q, A> call, Metadata metadata) {
                        // answered at once: another thread would only add its waking up
                        return AT_ONCE.contains(call.getMethodDescriptor().getFullMethodName())
                                ? Runnable::run
                                : executor;
                    }
                })
                .executor(executor)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .flowControlWindow(WINDOW_BYTES)
                // nothing compressed: it would be larger inside than any limit on what comes in
                .decompressorRegistry(DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, false))
                .maxConcurrentCallsPerConnection(bounds.streamsPerConnection())
                .handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS)
                // sidecars ping every second or slower; the default would cut them off for it
                .permitKeepAliveTime(500, TimeUnit.MILLISECONDS)
                .permitKeepAliveWithoutCalls(true)
                // a sidecar whose machine vanished is noticed within 15 s
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS);
        Sockets sockets = new Sockets();
        sockets.serve(builder, gate);
        peers.ifPresent(each -> each.install(builder)); // behind the meter, which is installed last
        Meter meter = new Meter(
                RECORDS, budget, ByteBudget.ofHeap(), bounds.streams(), ByteBudget.ofHeap(), executor, gate::cut);
        meter.install(builder);
        ReadReceipts receipts = new ReadReceipts(gate);
        for (BindableService service : services) {
            builder.addService(service instanceof CheckService ? receipts.of(service) : service.bindService());
        }
        builder.addService(new HealthService());
        try {
            return new XdsServer(
                    executor, sockets, meter, peers, builder.build().start());
        } catch (IOException e) {
            sockets.close();
            executor.shutdownNow();
            throw e;
        }
    }

    /** The port that it listens on. */
    public int port() {
        return server.getPort();
    }

    /** Takes back room that peers were given and do not use, and ends what they may no longer; to be called about every second. */
    public void expire() {
        meter.expire();
        peers.ifPresent(PeerInterceptor::expire);
    }

    /** To be called when what identities may do has changed, or whom is believed: what they no longer may ends. */
    public void recheck() {
        peers.ifPresent(PeerInterceptor::recheck);
    }

    /** Refuses new connections, says goodbye to sidecars, reads on for a moment so that no record is lost, and ends. */
    @Override
    public void close() {
        server.shutdown();
        try {
            if (!server.awaitTermination(DRAIN_MILLIS, TimeUnit.MILLISECONDS)) {
                server.shutdownNow();
                server.awaitTermination(5, TimeUnit.SECONDS);
            }
            executor.shutdown();
            boolean unused = executor.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            server.shutdownNow();
            executor.shutdown();
            Thread.currentThread().interrupt();
        }
        sockets.close(); // the last: what streams do at their end needs its threads
    }
}
