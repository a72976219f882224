package dev.weir.xds.telemetry;

import com.google.protobuf.util.Durations;
import dev.weir.xds.peer.Peer;
import io.envoyproxy.envoy.service.load_stats.v3.LoadReportingServiceGrpc;
import io.envoyproxy.envoy.service.load_stats.v3.LoadStatsResponse;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/** Envoy's load reporting service: asks every sidecar for all its clusters, and tells what they report. */
public final class LoadReportService implements BindableService {
    private static final MethodDescriptor<LoadReportMarshaller.Message, LoadStatsResponse> METHOD =
            LoadReportingServiceGrpc.getStreamLoadStatsMethod().toBuilder(
                            new LoadReportMarshaller(), ProtoUtils.marshaller(LoadStatsResponse.getDefaultInstance()))
                    .build();

    private final LoadStatsResponse request;
    private final ClusterLoads loads;
    private final LongSupplier nanoTime;
    private final TelemetryListener listener;
    private final OpenStreams streams = new OpenStreams();

    /**
     * @param interval between two reports of a sidecar, 1 ms or more
     * @param known whether a cluster has been published; asked on gRPC's threads for names of the mesh's form only
     * @param nanoTime monotonic clock
     */
    public LoadReportService(
            Duration interval, Predicate<String> known, LongSupplier nanoTime, TelemetryListener listener) {
        if (interval.toMillis() < 1) {
            throw new IllegalArgumentException("interval: " + interval + " (expected: 1 ms or more)");
        }
        this.request = LoadStatsResponse.newBuilder()
                .setSendAllClusters(true)
                .setLoadReportingInterval(Durations.fromNanos(interval.toNanos()))
                .build();
        this.loads = new ClusterLoads(known);
        this.nanoTime = nanoTime;
        this.listener = listener;
    }

    @Override
    public ServerServiceDefinition bindService() {
        return ServerServiceDefinition.builder(LoadReportingServiceGrpc.SERVICE_NAME)
                .addMethod(METHOD, ServerCalls.asyncBidiStreamingCall(ReportStream::new))
                .build();
    }

    private final class ReportStream implements StreamObserver<LoadReportMarshaller.Message> {
        private final StreamObserver<LoadStatsResponse> answers;
        private String node = "";
        private boolean ended;

        ReportStream(StreamObserver<LoadStatsResponse> answers) {
            this.answers = answers;
        }

        @Override
        public void onNext(LoadReportMarshaller.Message message) {
            if (ended) {
                return;
            }
            if (!message.problem().isEmpty()) {
                refuse("load_report", message.problem());
                return;
            }
            if (node.isEmpty()) {
                if (!NodeId.valid(message.node())) {
                    refuse("node", "node.id: (expected: " + NodeId.expectation() + ")");
                    return;
                }
                String refusal = Peer.current().refusesNode(message.node());
                if (!refusal.isEmpty()) {
                    refuse(Peer.REFUSED, refusal);
                    return;
                }
                node = message.node();
                streams.opened(node, this, nanoTime.getAsLong());
                answers.onNext(request);
            }
            if (!message.clusters().isEmpty()) {
                long now = nanoTime.getAsLong();
                OpenStreams.Belongs belongs = streams.report(node, this, now);
                if (belongs == OpenStreams.Belongs.NOWHERE) {
                    return;
                }
                if (belongs == OpenStreams.Belongs.ELSEWHERE_NOW) {
                    listener.rejected(
                            node,
                            "node_id",
                            "node.id: another sidecar says the same (expected: one each); loads are added");
                }
                listener.load(new LoadReport(
                        node,
                        streams.number(node, this),
                        now,
                        loads.read(message.clusters(), (kind, text) -> listener.rejected(node, kind, text))));
            }
        }

        private void refuse(String kind, String message) {
            listener.rejected(node, kind, message);
            Status status = kind.equals(Peer.REFUSED) ? Status.PERMISSION_DENIED : Status.INVALID_ARGUMENT;
            answers.onError(status.withDescription(message).asRuntimeException());
            end();
        }

        @Override
        public void onError(Throwable cancelled) {
            end();
        }

        @Override
        public void onCompleted() {
            if (!ended) {
                answers.onCompleted();
            }
            end();
        }

        private void end() {
            if (!node.isEmpty() && streams.closed(node, this)) {
                listener.loadStreamClosed(node);
            }
            node = "";
            ended = true;
        }
    }
}
