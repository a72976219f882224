package dev.weir.xds.telemetry;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.weir.v1.CollectRequest;
import dev.weir.v1.CollectResponse;
import dev.weir.v1.CollectorGrpc;
import dev.weir.xds.PrintableText;
import dev.weir.xds.SafeMarshaller;
import dev.weir.xds.SparseLog;
import dev.weir.xds.bounds.Allowance;
import dev.weir.xds.peer.Peer;
import dev.weir.xds.telemetry.FileRecords.Chunk;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.LoggerFactory;

/**
 * Takes in the file logs of sidecars. A stream has one chunk on its way to storage at a time; the next one is asked for
 * when it is safe, so that a slow disk holds the collectors back and no file's chunks overtake each other. One that is behind is
 * answered when there is room for its next chunk: however many are behind, their chunks come in turn.
 */
public final class CollectorService implements BindableService {
    /** Largest {@code lines} of a chunk, bytes. */
    public static final int MAX_CHUNK = 1 << 20;

    /** What collectors send at once when they are behind, and what is around it. */
    private static final long CHUNK = 256 << 10;

    private static final long OVERHEAD = 1 << 10;
    private static final int MAX_FILES = 64;
    private static final SafeMarshaller<CollectRequest> REQUESTS =
            new SafeMarshaller<>(CollectRequest.getDefaultInstance(), MAX_CHUNK + (16 << 10));
    private static final SparseLog LOG =
            new SparseLog(LoggerFactory.getLogger(CollectorService.class), System::nanoTime);

    private final FileRecords files;
    private final Executor storage;
    private final TelemetryListener listener;

    /**
     * @param storage runs what may block, away from gRPC's threads: as many streams are served at once as it has threads
     */
    public CollectorService(FileRecords files, Executor storage, TelemetryListener listener) {
        this.files = files;
        this.storage = storage;
        this.listener = listener;
    }

    @Override
    public ServerServiceDefinition bindService() {
        MethodDescriptor<CollectRequest, CollectResponse> collect = CollectorGrpc.getCollectMethod();
        return ServerServiceDefinition.builder(CollectorGrpc.SERVICE_NAME)
                .addMethod(
                        collect.toBuilder(REQUESTS, collect.getResponseMarshaller())
                                .build(),
                        ServerCalls.asyncBidiStreamingCall(
                                answers -> new ChunkStream((ServerCallStreamObserver<CollectResponse>) answers)))
                .build();
    }

    private record FileKey(String sidecar, String fileId) {}

    private final class ChunkStream implements StreamObserver<CollectRequest> {
        private final ServerCallStreamObserver<CollectResponse> answers;
        private final Allowance allowance = Allowance.current();
        /** Where each file goes on; touched by one task at a time. */
        private final Map<FileKey, Long> positions = new HashMap<>();

        @GuardedBy("this")
        private boolean storing;

        @GuardedBy("this")
        private boolean closing;

        @GuardedBy("this")
        private boolean ended;

        ChunkStream(ServerCallStreamObserver<CollectResponse> answers) {
            this.answers = answers;
            answers.disableAutoRequest();
            // with a handler set, answering a collector that has gone is no error
            answers.setOnCancelHandler(this::cancelled);
            answers.request(1);
        }

        @Override
        public void onNext(CollectRequest request) {
            String problem = problem(request);
            String refusal = problem.isEmpty() ? Peer.current().refusesCalls(request.getSidecar()) : "";
            if (!refusal.isEmpty()) {
                listener.rejected("", Peer.REFUSED, refusal);
                end(Status.PERMISSION_DENIED.withDescription(refusal));
            } else if (problem.isEmpty()) {
                Allowance.Held held = allowance.keep();
                begin();
                try {
                    storage.execute(() -> store(request, held));
                } catch (RejectedExecutionException e) {
                    held.give();
                    end(Status.UNAVAILABLE.withDescription("shutting down"));
                }
            } else {
                listener.rejected(
                        PrintableText.isNodeId(request.getSidecar()) ? request.getSidecar() : "", "chunk", problem);
                end(Status.INVALID_ARGUMENT.withDescription(problem));
            }
        }

        private void store(CollectRequest request, Allowance.Held held) {
            FileKey file = new FileKey(request.getSidecar(), request.getFileId());
            try {
                Long known = positions.get(file);
                long position = known == null ? files.position(file.sidecar(), file.fileId()) : known;
                if (!request.getLines().isEmpty() && request.getOffset() == position) {
                    position = files.accept(
                            new Chunk(file.sidecar(), file.fileId(), request.getOffset(), request.getLines()));
                }
                if (positions.size() >= MAX_FILES) {
                    positions.clear();
                }
                positions.put(file, position);
                CollectResponse response = CollectResponse.newBuilder()
                        .setFileId(file.fileId())
                        .setOffset(position)
                        .build();
                held.give();
                long more = Math.min(request.getFileSize() - position, CHUNK);
                if (more > 0) {
                    // the collector sends on when it is answered: that is how it waits for its turn
                    allowance.await(more + OVERHEAD, () -> acknowledge(response));
                } else {
                    acknowledge(response);
                }
            } catch (RuntimeException e) {
                LOG.warn("chunk", "a chunk of {} was not stored, it will come again: {}", file, e.toString());
                end(Status.UNAVAILABLE.withDescription("not stored"));
            } finally {
                held.give();
            }
        }

        private synchronized void begin() {
            storing = true;
        }

        private synchronized void acknowledge(CollectResponse response) {
            storing = false;
            if (!ended) {
                answers.onNext(response);
                answers.request(1);
                closeIfDone();
            }
        }

        @Override
        public void onError(Throwable error) {
            cancelled();
        }

        @Override
        public synchronized void onCompleted() {
            closing = true;
            closeIfDone();
        }

        @GuardedBy("this")
        private void closeIfDone() {
            if (closing && !storing && !ended) {
                ended = true;
                answers.onCompleted();
            }
        }

        private synchronized void cancelled() {
            ended = true;
        }

        private synchronized void end(Status status) {
            if (!ended) {
                ended = true;
                answers.onError(status.asRuntimeException());
            }
        }
    }

    private static String problem(CollectRequest request) {
        if (REQUESTS.unreadable(request)) {
            return REQUESTS.expectation();
        }
        if (!PrintableText.isNodeId(request.getSidecar())) {
            return "sidecar: (expected: " + PrintableText.NODE_ID + ")";
        }
        if (!FileId.valid(request.getFileId())) {
            return "file_id: (expected: " + FileId.EXPECTED + ")";
        }
        if (request.getFileSize() < 0) {
            return "file_size: " + request.getFileSize() + " (expected: 0 or more)";
        }
        if (request.getOffset() < 0) {
            return "offset: " + request.getOffset() + " (expected: 0 or more)";
        }
        int size = request.getLines().size();
        if (size > MAX_CHUNK) {
            return "lines: " + size + " bytes (expected: at most " + MAX_CHUNK + ")";
        }
        if (size > 0 && request.getLines().byteAt(size - 1) != '\n') {
            return "lines: no newline at the end (expected: whole lines)";
        }
        if (size > 0 && request.getOffset() == 0 && !FileId.begins(request.getFileId(), request.getLines())) {
            return "lines: of another file (expected: a first line with the digest in file_id)";
        }
        return "";
    }
}
