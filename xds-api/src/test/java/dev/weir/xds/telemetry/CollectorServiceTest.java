package dev.weir.xds.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.weir.v1.CollectRequest;
import dev.weir.v1.CollectResponse;
import dev.weir.v1.CollectorGrpc;
import dev.weir.xds.testing.RecordedTelemetry;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CollectorServiceTest {
    private static final String NAME = "collector-test";
    private static final String LOG_A = id(1, "a\n");
    private static final String LOG_C = id(2, "c\n");

    private final Storage storage = new Storage();
    private final RecordedTelemetry telemetry = new RecordedTelemetry();
    private final ExecutorService executor = Executors.newFixedThreadPool(4);
    private final ManagedChannel channel =
            InProcessChannelBuilder.forName(NAME).directExecutor().build();
    private final Server server = InProcessServerBuilder.forName(NAME)
            .addService(new CollectorService(storage, executor, telemetry))
            .build();

    @BeforeEach
    void start() throws IOException {
        server.start();
    }

    @AfterEach
    void stop() {
        storage.permits.release(1_000);
        channel.shutdownNow();
        server.shutdownNow();
        executor.shutdownNow();
    }

    @Test
    void a_file_goes_on_where_storage_has_it() {
        storage.files.put(LOG_A, 100L);
        Answers answers = open();
        answers.send(LOG_A, 0, "");
        answers.await(100);
        answers.send(LOG_A, 100, "a\nb\n");
        answers.await(100, 104);
        answers.send(LOG_C, 0, "c\n");
        answers.await(100, 104, 2);
        assertThat(storage.lines).containsExactly(LOG_A + "@100 a\nb\n", LOG_C + "@0 c\n");
    }

    @Test
    void a_chunk_from_elsewhere_is_told_where_to_go_on_and_not_stored() {
        Answers answers = open();
        answers.send(LOG_A, 0, "a\n");
        answers.send(LOG_A, 7, "z\n");
        answers.send(LOG_A, 0, "a\n");
        answers.await(2, 2, 2);
        assertThat(storage.lines).containsExactly(LOG_A + "@0 a\n");
    }

    @Test
    void chunks_are_stored_one_by_one_and_no_more_are_read_while_storage_is_slow() {
        storage.permits.drainPermits();
        Answers answers = open();
        for (int i = 0; i < 50; i++) {
            answers.send(LOG_A, 2L * i, "a\n");
        }
        await().until(storage.permits::hasQueuedThreads);
        // the next one may be on its way, but is not taken
        assertThat(answers.sent.isReady()).isFalse();
        assertThat(answers.offsets).isEmpty();
        storage.permits.release(50);
        await().until(() -> answers.offsets.size() == 50);
        assertThat(storage.lines).hasSize(50);
        assertThat(answers.offsets).isSorted().endsWith(100L);
    }

    @Test
    void two_streams_of_one_file_do_not_overtake_each_other() {
        Answers old = open();
        Answers fresh = open();
        old.send(LOG_A, 0, "a\n");
        old.await(2);
        fresh.send(LOG_A, 2, "b\n");
        fresh.await(4);
        // the old one does not know yet, and storage says where it is
        old.send(LOG_A, 2, "b\n");
        old.await(2, 4);
        assertThat(storage.lines).containsExactly(LOG_A + "@0 a\n", LOG_A + "@2 b\n", LOG_A + "@2 b\n");
    }

    @Test
    void what_storage_failed_to_take_is_not_acknowledged() {
        storage.failing = true;
        Answers answers = open();
        answers.send(LOG_A, 0, "a\n");
        await().until(() -> answers.end != null);
        assertThat(Status.fromThrowable(answers.end).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(answers.offsets).isEmpty();
    }

    @Test
    void the_end_comes_after_what_was_sent_before_it() {
        storage.permits.drainPermits();
        Answers answers = open();
        answers.send(LOG_A, 0, "a\n");
        answers.sent.onCompleted();
        storage.permits.release();
        await().until(() -> answers.completed);
        assertThat(answers.offsets).containsExactly(2L);
    }

    @ParameterizedTest
    @CsvSource({
        "'', log, 0, a, sidecar",
        "s, '', 0, a, file_id",
        "s, log, 0, a, file_id",
        "s, 1-ca978112ca1bbdcafac231b39a23dc4, 0, a, file_id",
        "s, a, -1, a, offset",
        "s, a, 0, whole, lines",
        "s, a, 0, large, lines",
        "s, a, 0, huge, message",
        "s, a, 0, b, lines",
        "s, a, 0, aa, lines"
    })
    void a_chunk_that_cannot_be_is_refused_and_counted(
            String sidecar, String file, long offset, String lines, String field) {
        ByteString bytes = ByteString.copyFromUtf8(
                switch (lines) {
                    case "whole" -> "no newline";
                    case "large" -> "a".repeat(CollectorService.MAX_CHUNK) + "\n";
                    case "huge" -> "a".repeat(2 * CollectorService.MAX_CHUNK) + "\n";
                    default -> lines + "\n";
                });
        Answers answers = open();
        answers.sent.onNext(CollectRequest.newBuilder()
                .setSidecar(sidecar)
                .setFileId(file.equals("a") ? LOG_A : file)
                .setOffset(offset)
                .setLines(bytes)
                .build());
        await().until(() -> answers.end != null);
        Status status = Status.fromThrowable(answers.end);
        assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(status.getDescription()).startsWith(field + ": ").contains("(expected: ");
        assertThat(telemetry.rejections())
                .extracting(RecordedTelemetry.Rejection::kind)
                .containsExactly("chunk");
        assertThat(storage.lines).isEmpty();
    }

    @Test
    void a_first_chunk_of_another_file_moves_nothing_and_is_counted() {
        Answers stranger = open();
        stranger.send(LOG_A, 0, "garbage\n".repeat(100));
        await().until(() -> stranger.end != null);
        assertThat(Status.fromThrowable(stranger.end).getDescription())
                .isEqualTo("lines: of another file (expected: a first line with the digest in file_id)");
        assertThat(telemetry.rejections())
                .extracting(RecordedTelemetry.Rejection::kind)
                .containsExactly("chunk");
        Answers own = open();
        own.send(LOG_A, 0, "");
        own.send(LOG_A, 0, "a\nb\n");
        own.send(LOG_A + ".1", 0, "a\n");
        own.await(0, 4, 2);
    }

    @Test
    void a_first_line_counts_as_far_as_collectors_read_it() {
        String line = "x".repeat(FileId.HEAD_BYTES + 1);
        String id = FileId.of(
                        7, ByteBuffer.wrap(line.substring(0, FileId.HEAD_BYTES).getBytes(StandardCharsets.US_ASCII)))
                .orElseThrow();
        assertThat(FileId.begins(id, ByteString.copyFromUtf8(line + "\n"))).isTrue();
        assertThat(FileId.begins(id, ByteString.copyFromUtf8(line.substring(2) + "\n")))
                .isFalse();
        assertThat(FileId.of(7, ByteBuffer.wrap("no end".getBytes(StandardCharsets.US_ASCII))))
                .isEmpty();
    }

    private static String id(long inode, String lines) {
        return FileId.of(inode, ByteBuffer.wrap(lines.getBytes(StandardCharsets.US_ASCII)))
                .orElseThrow();
    }

    private Answers open() {
        Answers answers = new Answers();
        CollectorGrpc.newStub(channel).withMaxInboundMessageSize(4 << 20).collect(answers);
        return answers;
    }

    private static final class Answers implements ClientResponseObserver<CollectRequest, CollectResponse> {
        private final List<Long> offsets = new CopyOnWriteArrayList<>();

        @SuppressWarnings("NullAway.Init") // set before anything is sent
        private ClientCallStreamObserver<CollectRequest> sent;

        private volatile boolean completed;
        private volatile @Nullable Throwable end;

        void send(String file, long offset, String lines) {
            sent.onNext(CollectRequest.newBuilder()
                    .setSidecar("sidecar-1")
                    .setFileId(file)
                    .setOffset(offset)
                    .setLines(ByteString.copyFromUtf8(lines))
                    .build());
        }

        void await(long... expected) {
            Awaitility.await()
                    .untilAsserted(
                            () -> assertThat(offsets.stream().mapToLong(l -> l).toArray())
                                    .containsExactly(expected));
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<CollectRequest> stream) {
            sent = stream;
        }

        @Override
        public void onNext(CollectResponse response) {
            offsets.add(response.getOffset());
        }

        @Override
        public void onError(Throwable error) {
            end = error;
        }

        @Override
        public void onCompleted() {
            completed = true;
        }
    }

    /** Takes a chunk per permit. */
    private static final class Storage implements FileRecords {
        private final Map<String, Long> files = new ConcurrentHashMap<>();
        private final List<String> lines = new CopyOnWriteArrayList<>();
        private final Semaphore permits = new Semaphore(1_000);
        private volatile boolean failing;

        @Override
        public long accept(Chunk chunk) {
            permits.acquireUninterruptibly();
            if (failing) {
                throw new IllegalStateException("disk full");
            }
            lines.add(
                    chunk.fileId() + "@" + chunk.offset() + " " + chunk.lines().toStringUtf8());
            return files.merge(chunk.fileId(), chunk.offset() + chunk.lines().size(), Math::max);
        }

        @Override
        public long position(String sidecar, String fileId) {
            return files.getOrDefault(fileId, 0L);
        }
    }
}
