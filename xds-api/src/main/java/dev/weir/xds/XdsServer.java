package dev.weir.xds;

import dev.weir.xds.check.CheckService;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Serves all services to sidecars and collectors on one port, HTTP/2 without TLS. */
public final class XdsServer implements AutoCloseable {
    /** An access-log stream sends all that it held back in an outage as one message. */
    private static final int MAX_MESSAGE_BYTES = 32 << 20;

    /** Checks that are held are streams; one sidecar may hold thousands, and would fail those above the limit. */
    private static final int MAX_STREAMS_PER_CONNECTION = 32_768;

    /** How long streams are read on after the goodbye: what sidecars had sent or sent until they heard it. */
    private static final long DRAIN_MILLIS = 300;

    /** Would print a stack trace for every connection that breaks or speaks something else. */
    private static final Logger TRANSPORTS =
            Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyServerTransport");

    static {
        TRANSPORTS.setLevel(Level.WARNING);
    }

    private final ExecutorService executor;
    private final Server server;

    private XdsServer(ExecutorService executor, Server server) {
        this.executor = executor;
        this.server = server;
    }

    /**
     * Starts.
     *
     * @param listen port 0 = any free one
     * @throws IOException when the address cannot be bound
     */
    public static XdsServer start(InetSocketAddress listen, List<BindableService> services) throws IOException {
        AtomicInteger number = new AtomicInteger();
        ExecutorService executor =
                Executors.newFixedThreadPool(Math.max(2, Runtime.getRuntime().availableProcessors()), task -> {
                    Thread thread = new Thread(task, "weir-xds-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        NettyServerBuilder builder = NettyServerBuilder.forAddress(listen)
                .callExecutor(new ServerCallExecutorSupplier() {
                    @Override
                    public <Q, A> Executor getExecutor(ServerCall<Q, A> call, Metadata metadata) {
                        boolean check =
                                call.getMethodDescriptor().getFullMethodName().equals(CheckService.methodName());
                        // a check is answered at once: another thread would only add its waking up
                        return check ? Runnable::run : executor;
                    }
                })
                .executor(executor)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .maxConcurrentCallsPerConnection(MAX_STREAMS_PER_CONNECTION)
                // sidecars ping every second or slower; the default would cut them off for it
                .permitKeepAliveTime(500, TimeUnit.MILLISECONDS)
                .permitKeepAliveWithoutCalls(true)
                // a sidecar whose machine vanished is noticed within 15 s
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS);
        services.forEach(builder::addService);
        try {
            return new XdsServer(executor, builder.build().start());
        } catch (IOException e) {
            executor.shutdownNow();
            throw e;
        }
    }

    /** The port that it listens on. */
    public int port() {
        return server.getPort();
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
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
        executor.shutdown();
    }
}
