package dev.weir.xds.telemetry;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.util.Durations;
import dev.weir.xds.PrintableText;
import dev.weir.xds.peer.Peer;
import io.envoyproxy.envoy.service.load_stats.v3.LoadReportingServiceGrpc;
import io.envoyproxy.envoy.service.load_stats.v3.LoadStatsResponse;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Envoy's load reporting service: asks every sidecar for all its clusters, as often as the {@link ReportPace} says, and tells what
 * they report.
 */
public final class LoadReportService implements BindableService {
    private static final MethodDescriptor<LoadReportMarshaller.Message, LoadStatsResponse> METHOD =
            LoadReportingServiceGrpc.getStreamLoadStatsMethod().toBuilder(
                            new LoadReportMarshaller(), ProtoUtils.marshaller(LoadStatsResponse.getDefaultInstance()))
                    .build();

    private final ReportPace pace;
    private final ClusterLoads loads;
    private final LongSupplier nanoTime;
    private final TelemetryListener listener;
    private final OpenStreams streams = new OpenStreams();
    private final Set<ReportStream> open = ConcurrentHashMap.newKeySet();

    /**
     * @param pace how often sidecars are to report; stirred by reports of anything in flight, and by sidecars that come
     * @param known whether a cluster has been published; asked on gRPC's threads for names of the mesh's form only
     * @param nanoTime monotonic clock
     */
    public LoadReportService(
            ReportPace pace, Predicate<String> known, LongSupplier nanoTime, TelemetryListener listener) {
        this.pace = pace;
        this.loads = new ClusterLoads(known);
        this.nanoTime = nanoTime;
        this.listener = listener;
        pace.onWake(() -> open.forEach(ReportStream::ask));
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

        @GuardedBy("this")
        private Duration asked = Duration.ZERO;

        @GuardedBy("this")
        private boolean ended;

        ReportStream(StreamObserver<LoadStatsResponse> answers) {
            this.answers = answers;
            // without one, asking a sidecar that has gone would throw
            ((ServerCallStreamObserver<LoadStatsResponse>) answers).setOnCancelHandler(() -> {});
        }

        /**
         * Says how often to report, unless it was said. A sidecar begins a new period with it, and loses no count. May be
         * called on any thread.
         */
        synchronized void ask() {
            Duration interval = pace.interval();
            if (!ended && !interval.equals(asked)) {
                asked = interval;
                answers.onNext(LoadStatsResponse.newBuilder()
                        .setSendAllClusters(true)
                        .setLoadReportingInterval(Durations.fromNanos(interval.toNanos()))
                        .build());
            }
        }

        @Override
        public void onNext(LoadReportMarshaller.Message message) {
            if (ended()) {
                return;
            }
            if (!message.problem().isEmpty()) {
                refuse("load_report", message.problem());
                return;
            }
            if (node.isEmpty()) {
                if (!PrintableText.isNodeId(message.node())) {
                    refuse("node", "node.id: (expected: " + PrintableText.NODE_ID + ")");
                    return;
                }
                String refusal = Peer.current().refusesNode(message.node());
                if (!refusal.isEmpty()) {
                    refuse(Peer.REFUSED, refusal);
                    return;
                }
                node = message.node();
                streams.opened(node, this, nanoTime.getAsLong());
                open.add(this);
                pace.stir(); // its clusters are new to it: what it counts before its first period is over is lost
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
                LoadReport report = new LoadReport(
                        node,
                        streams.number(node, this),
                        now,
                        loads.read(message.clusters(), (kind, text) -> listener.rejected(node, kind, text)));
                if (report.clusters().stream().anyMatch(LoadReportService::busy)) {
                    pace.stir();
                }
                listener.load(report);
            }
            ask();
        }

        private void refuse(String kind, String message) {
            listener.rejected(node, kind, message);
            Status status = kind.equals(Peer.REFUSED) ? Status.PERMISSION_DENIED : Status.INVALID_ARGUMENT;
            end();
            answers.onError(status.withDescription(message).asRuntimeException());
        }

        @Override
        public void onError(Throwable cancelled) {
            end();
        }

        @Override
        public void onCompleted() {
            boolean lasted = !ended();
            end();
            if (lasted) {
                answers.onCompleted();
            }
        }

        private synchronized boolean ended() {
            return ended;
        }

        /** Ends the stream: it is not asked any more. */
        private synchronized void end() {
            ended = true;
            open.remove(this);
            if (!node.isEmpty() && streams.closed(node, this)) {
                listener.loadStreamClosed(node);
            }
            node = "";
        }
    }

    private static boolean busy(LoadReport.ClusterLoad load) {
        return load.inFlight() > 0 || load.issued() > 0 || load.failed() > 0;
    }
}
