package dev.weir.xds.bounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.weir.v1.CollectRequest;
import dev.weir.xds.server.XdsServer;
import dev.weir.xds.telemetry.AccessLogService;
import dev.weir.xds.telemetry.CollectorService;
import dev.weir.xds.telemetry.FileId;
import dev.weir.xds.telemetry.FileRecords;
import dev.weir.xds.telemetry.ReportPace;
import dev.weir.xds.testing.RawClient;
import dev.weir.xds.testing.RecordedTelemetry;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsMessage;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What comes in takes no more than the budget, whoever sends it and however it is packed. */
final class MeterIT {
    private static final String ALS = "envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs";
    private static final String COLLECT = "weir.v1.Collector/Collect";
    private static final int CHUNK = 256 << 10;
    private static final Duration LONG = Duration.ofSeconds(20);

    private final ByteBudget budget = new ByteBudget(ByteBudget.MIN);
    private final RecordedTelemetry telemetry = new RecordedTelemetry();
    private final Store store = new Store();
    private final ExecutorService storage = Executors.newFixedThreadPool(64);
    private final XdsServer server = start();
    private final List<RawClient> clients = new ArrayList<>();

    private XdsServer start() {
        try {
            return XdsServer.start(
                    new InetSocketAddress("127.0.0.1", 0),
                    List.of(
                            new AccessLogService(telemetry, new ReportPace(Duration.ofSeconds(1), System::nanoTime)),
                            new CollectorService(store, storage, telemetry)),
                    budget);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void stop() {
        store.permits.release(1_000);
        clients.forEach(RawClient::close);
        await().atMost(LONG).until(() -> budget.taken() == 0); // whatever happened, all is given back
        server.close();
        storage.shutdownNow();
    }

    private RawClient client() {
        RawClient client = new RawClient(server.port());
        clients.add(client);
        return client;
    }

    private static byte[] chunk(String sidecar, long offset, int bytes, long fileSize) {
        byte[] lines = new byte[bytes];
        java.util.Arrays.fill(lines, (byte) '\n');
        return CollectRequest.newBuilder()
                .setSidecar(sidecar)
                .setFileId(FileId.of(1, ByteBuffer.wrap(new byte[] {'\n'})).orElseThrow())
                .setOffset(offset)
                .setLines(ByteString.copyFrom(lines))
                .setFileSize(fileSize)
                .build()
                .toByteArray();
    }

    @Test
    void compressed_messages_are_refused_in_words() {
        for (String method : List.of(ALS, COLLECT)) {
            Status end =
                    client().openCompressed(method).send(new byte[31 << 20]).end();
            assertThat(end.getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
            assertThat(end.getDescription()).contains("decompressor").contains("gzip");
        }
    }

    @Test
    void a_message_above_four_mebibytes_is_refused_in_words() {
        Status end = client().open(ALS).send(new byte[(4 << 20) + 1]).end();
        assertThat(end.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(end.getDescription()).contains("4194304");
    }

    @Test
    void collectors_that_are_behind_come_in_turn_and_none_is_cut() {
        int collectors = 60;
        int chunks = 3;
        store.permits.drainPermits();
        List<RawClient.Stream> streams = new ArrayList<>();
        for (int i = 0; i < collectors; i++) {
            streams.add(client().open(COLLECT).send(chunk("s" + i, 0, 0, (long) chunks * CHUNK)));
        }
        AtomicInteger answered = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        for (int i = 0; i < collectors; i++) {
            RawClient.Stream stream = streams.get(i);
            String name = "s" + i;
            Thread peer = new Thread(() -> {
                for (int k = 0; k < chunks && stream.answer(LONG) != null; k++) {
                    answered.incrementAndGet();
                    stream.send(chunk(name, (long) k * CHUNK, CHUNK, (long) chunks * CHUNK));
                }
                if (stream.answer(LONG) != null) {
                    done.incrementAndGet();
                }
            });
            peer.start();
        }
        // nothing is stored: so many were asked for their chunk, and the others wait
        long room = (budget.total() - budget.total() / 8) / (CHUNK + 1024);
        await().atMost(LONG).until(() -> answered.get() == room && store.waiting() > 0);
        assertThat(budget.taken()).isLessThanOrEqualTo(budget.total());
        store.permits.release(collectors * chunks);
        await().atMost(LONG).until(() -> done.get() == collectors);
        assertThat(store.bytes.get()).isEqualTo((long) collectors * chunks * CHUNK);
        assertThat(budget.refused()).isZero();
    }

    @Test
    void who_comes_unasked_when_there_is_no_room_is_told_to_come_again() {
        store.permits.drainPermits();
        List<RawClient.Stream> streams = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            streams.add(client().open(COLLECT).send(chunk("s" + i, 0, CHUNK, 0)));
        }
        await().atMost(LONG).until(() -> budget.refused() > 0);
        assertThat(budget.taken()).isLessThanOrEqualTo(budget.total());
        store.permits.release(1_000);
        int stored = 0;
        for (RawClient.Stream stream : streams) {
            byte[] answer = null;
            while (answer == null && !stream.over()) {
                answer = stream.answer(Duration.ofMillis(50));
            }
            if (answer != null) {
                stored++;
            } else {
                assertThat(stream.end().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                assertThat(stream.end().getDescription()).contains("expected: later");
            }
        }
        assertThat(stored).isBetween(15, 59);
    }

    @Test
    void one_connection_gets_no_more_than_a_quarter() {
        store.permits.drainPermits();
        RawClient greedy = client();
        for (int i = 0; i < 40; i++) {
            greedy.open(COLLECT).send(chunk("g" + i, 0, CHUNK, 0));
        }
        await().atMost(LONG).until(() -> budget.refused() > 0);
        assertThat(budget.taken()).isLessThanOrEqualTo(budget.total() / 4);
        RawClient.Stream other = client().open(COLLECT).send(chunk("other", 0, CHUNK, 0));
        store.permits.release(1_000);
        assertThat(other.answer(LONG)).isNotNull();
    }

    @Test
    void the_first_messages_of_access_log_streams_come_in_turn() {
        // each as large as a sidecar makes it; random bytes would be refused, so what is read is a node and nothing
        StreamAccessLogsMessage.Builder message = StreamAccessLogsMessage.newBuilder();
        message.getIdentifierBuilder().getNodeBuilder().setId("s").setUserAgentName("x".repeat(CHUNK));
        byte[] bytes = message.build().toByteArray();
        List<RawClient.Stream> streams = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            streams.add(client().open(ALS).send(bytes).halfClose());
        }
        for (RawClient.Stream stream : streams) {
            assertThat(stream.end().getCode()).isEqualTo(Status.Code.OK);
        }
        assertThat(budget.refused()).isZero();
    }

    /** Takes a chunk per permit. */
    private static final class Store implements FileRecords {
        private final Semaphore permits = new Semaphore(0);
        private final AtomicLong bytes = new AtomicLong();

        int waiting() {
            return permits.getQueueLength();
        }

        @Override
        public long accept(Chunk chunk) {
            permits.acquireUninterruptibly();
            bytes.addAndGet(chunk.lines().size());
            return chunk.offset() + chunk.lines().size();
        }

        @Override
        public long position(String sidecar, String fileId) {
            return 0;
        }
    }
}
