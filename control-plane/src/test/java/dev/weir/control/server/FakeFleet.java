package dev.weir.control.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.v1.CollectRequest;
import dev.weir.v1.CollectResponse;
import dev.weir.v1.CollectorGrpc;
import dev.weir.xds.telemetry.FileId;
import dev.weir.xds.testing.Entries;
import io.envoyproxy.envoy.config.core.v3.Extension;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.accesslog.v3.AccessLogServiceGrpc;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsMessage;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsResponse;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.load_stats.v3.LoadReportingServiceGrpc;
import io.envoyproxy.envoy.service.load_stats.v3.LoadStatsRequest;
import io.envoyproxy.envoy.service.load_stats.v3.LoadStatsResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sidecars and collectors by the protocol alone, so that there can be hundreds: each comes back from an outage with its
 * access-log buffers full and its file behind, reports its load, and does again what failed.
 */
final class FakeFleet implements AutoCloseable {
    /** Lines of the file all have this length, so that an offset is a line. */
    private static final int LINE = 512;

    private static final int CHUNK = 256 << 10;
    private static final int BUFFER = 256 << 10;
    private static final Node.Builder NODE = node();

    private final int port;
    private final int lines;
    private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final Random random = new Random(1);
    private final AtomicInteger delivered = new AtomicInteger();
    private final AtomicInteger retries = new AtomicInteger();
    private volatile String lastProblem = "";

    /** @param bytes that each file has, none of it stored */
    FakeFleet(int port, int sidecars, long bytes) {
        this.port = port;
        this.lines = (int) (bytes / LINE);
        for (int i = 0; i < sidecars; i++) {
            String name = "consumer-%05d".formatted(i);
            sidecar(name, 10_000 + i);
            new Collector(name, channel()).open();
        }
    }

    /** Collectors whose whole file is stored. */
    int delivered() {
        return delivered.get();
    }

    /** Records in each file. */
    int lines() {
        return lines;
    }

    /** Streams that were opened anew, and why the last one was. */
    String retries() {
        return retries.get() + " (" + lastProblem + ")";
    }

    @Override
    public void close() {
        clock.shutdownNow();
        channels.forEach(ManagedChannel::shutdownNow);
    }

    private ManagedChannel channel() {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        channels.add(channel);
        return channel;
    }

    private static Node.Builder node() {
        Node.Builder node = Node.newBuilder().setCluster("consumer").setUserAgentName("envoy");
        for (int i = 0; i < 900; i++) {
            node.addExtensions(Extension.newBuilder()
                    .setName("envoy.filters.http.extension_" + i)
                    .setCategory("envoy.filters.http"));
        }
        return node;
    }

    private static Node node(String name) {
        return NODE.clone().setId(name).build();
    }

    /** @param listenPort another one each, as on one machine: the control plane then has a set of resources for each */
    private void sidecar(String name, int listenPort) {
        Struct weir = Struct.newBuilder()
                .putFields(
                        "listen_port",
                        Value.newBuilder().setNumberValue(listenPort).build())
                .build();
        Node.Builder own = NODE.clone().setId(name);
        own.getMetadataBuilder()
                .putFields("weir", Value.newBuilder().setStructValue(weir).build());
        Node node = own.build();
        ManagedChannel xds = channel();
        StreamObserver<DeltaDiscoveryRequest> discovery = AggregatedDiscoveryServiceGrpc.newStub(xds)
                .deltaAggregatedResources(new Ignored<DeltaDiscoveryResponse>());
        for (String type : List.of("cluster.v3.Cluster", "listener.v3.Listener")) {
            discovery.onNext(DeltaDiscoveryRequest.newBuilder()
                    .setNode(node)
                    .setTypeUrl("type.googleapis.com/envoy.config." + type)
                    .build());
        }
        StreamObserver<LoadStatsRequest> loads =
                LoadReportingServiceGrpc.newStub(xds).streamLoadStats(new Ignored<LoadStatsResponse>());
        LoadStatsRequest report = LoadStatsRequest.newBuilder().setNode(node).build();
        var unused =
                clock.scheduleAtFixedRate(() -> loads.onNext(report), random.nextInt(250), 250, TimeUnit.MILLISECONDS);
        ManagedChannel logs = channel();
        new AccessLog(name, logs).open(BUFFER / 700);
        new AccessLog(name, logs).open(BUFFER / 700);
    }

    private static String id(String sidecar, int line) {
        return "%s-%08d".formatted(sidecar, line);
    }

    /** One of a sidecar's loggers: what it held back first, then a few entries now and then. */
    private final class AccessLog implements StreamObserver<StreamAccessLogsResponse> {
        private final String sidecar;
        private final ManagedChannel channel;

        AccessLog(String sidecar, ManagedChannel channel) {
            this.sidecar = sidecar;
            this.channel = channel;
        }

        void open(int first) {
            StreamObserver<StreamAccessLogsMessage> stream =
                    AccessLogServiceGrpc.newStub(channel).streamAccessLogs(this);
            StreamAccessLogsMessage.Builder held = message(first);
            held.getIdentifierBuilder().setNode(node(sidecar)).setLogName("calls");
            stream.onNext(held.build());
            StreamAccessLogsMessage few = message(5).build();
            var unused = clock.scheduleAtFixedRate(() -> stream.onNext(few), 500, 500, TimeUnit.MILLISECONDS);
        }

        private StreamAccessLogsMessage.Builder message(int entries) {
            StreamAccessLogsMessage.Builder message = StreamAccessLogsMessage.newBuilder();
            for (int i = 0; i < Math.min(entries, lines); i++) {
                message.getHttpLogsBuilder().addLogEntry(Entries.call(id(sidecar, i)));
            }
            return message;
        }

        @Override
        public void onNext(StreamAccessLogsResponse response) {}

        @Override
        public void onError(Throwable error) {
            again(error, () -> open(5));
        }

        @Override
        public void onCompleted() {}
    }

    /** What {@code weir collect} does: asks, then a chunk per answer. */
    private final class Collector implements StreamObserver<CollectResponse> {
        private final String sidecar;
        private final String fileId;
        private final CollectorGrpc.CollectorStub stub;
        private StreamObserver<CollectRequest> stream = new Ignored<>();

        Collector(String sidecar, ManagedChannel channel) {
            this.sidecar = sidecar;
            byte[] first = line(id(sidecar, 0)).getBytes(StandardCharsets.US_ASCII);
            this.fileId = FileId.of(1, ByteBuffer.wrap(first)).orElseThrow();
            this.stub = CollectorGrpc.newStub(channel);
        }

        void open() {
            stream = stub.collect(this);
            send(0, ByteString.EMPTY);
        }

        private void send(long offset, ByteString chunk) {
            stream.onNext(CollectRequest.newBuilder()
                    .setSidecar(sidecar)
                    .setFileId(fileId)
                    .setOffset(offset)
                    .setLines(chunk)
                    .setFileSize((long) lines * LINE)
                    .build());
        }

        @Override
        public void onNext(CollectResponse response) {
            int line = (int) (response.getOffset() / LINE);
            if (line == lines) {
                delivered.incrementAndGet();
                return;
            }
            StringBuilder chunk = new StringBuilder(CHUNK);
            for (int i = line; i < Math.min(lines, line + CHUNK / LINE); i++) {
                chunk.append(line(id(sidecar, i)));
            }
            send(response.getOffset(), ByteString.copyFrom(chunk.toString(), StandardCharsets.US_ASCII));
        }

        @Override
        public void onError(Throwable error) {
            again(error, this::open);
        }

        @Override
        public void onCompleted() {}
    }

    private static String line(String id) {
        String line = """
                {"type":"DownstreamEnd","id":"%s","attempt":1,"start":"1795505199.894592","duration_ms":26,"end_us":26937,\
                "first_byte_us":26926,"pool":"chat","epoch":"3.17","provider":"a","price":120,"price_epoch":17,"status":200,\
                "details":"via_upstream","flags":"-","method":"POST","path":"/v1/chat/completions","model":"m","stream":true,\
                "prompt_tokens":11,"completion_tokens":7,"total_tokens":18,"cached_tokens":null,"bytes_received":86,\
                "bytes_sent":76}\
                """.formatted(id);
        return line + " ".repeat(LINE - 1 - line.length()) + "\n";
    }

    private void again(Throwable error, Runnable deed) {
        retries.incrementAndGet();
        lastProblem = String.valueOf(error.getMessage());
        if (!clock.isShutdown()) {
            var unused = clock.schedule(deed, 100 + random.nextInt(900), TimeUnit.MILLISECONDS);
        }
    }

    private static final class Ignored<T> implements StreamObserver<T> {
        @Override
        public void onNext(T value) {}

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onCompleted() {}
    }
}
