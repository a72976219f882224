package dev.weir.xds.telemetry;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.xds.PrintableText;
import dev.weir.xds.bounds.Allowance;
import dev.weir.xds.peer.Peer;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPAccessLogEntry;
import io.envoyproxy.envoy.service.accesslog.v3.AccessLogServiceGrpc;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsResponse;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;

/** Envoy's access log service: the fresh copies of calls and attempts. */
public final class AccessLogService implements BindableService {
    /** Records handed on at once. */
    static final int BATCH = 512;

    /** What a sidecar holds back at most, the node that comes before it, and one more entry. */
    static final long FIRST_MESSAGE = (long) StreamBuffer.BATCHED.bytes() + (128 << 10);

    private static final MethodDescriptor<AccessLogMarshaller.Message, StreamAccessLogsResponse> METHOD =
            AccessLogServiceGrpc.getStreamAccessLogsMethod().toBuilder(
                            new AccessLogMarshaller(),
                            ProtoUtils.marshaller(StreamAccessLogsResponse.getDefaultInstance()))
                    .build();

    private final TelemetryListener listener;
    private final ReportPace pace;

    /** @param pace stirred by everything that comes */
    public AccessLogService(TelemetryListener listener, ReportPace pace) {
        this.listener = listener;
        this.pace = pace;
    }

    @Override
    public ServerServiceDefinition bindService() {
        return ServerServiceDefinition.builder(AccessLogServiceGrpc.SERVICE_NAME)
                .addMethod(
                        METHOD,
                        ServerCalls.asyncClientStreamingCall(
                                answer -> new EntryStream((ServerCallStreamObserver<StreamAccessLogsResponse>) answer)))
                .build();
    }

    private final class EntryStream implements StreamObserver<AccessLogMarshaller.Message> {
        private final ServerCallStreamObserver<StreamAccessLogsResponse> answer;
        private String node = "";
        /** Why it may not be the node that it says; "" = it may. */
        private String denial = "";

        private boolean ended;

        EntryStream(ServerCallStreamObserver<StreamAccessLogsResponse> answer) {
            this.answer = answer;
            answer.disableAutoRequest();
            answer.setOnCancelHandler(() -> {}); // answering a sidecar that has gone is no error
            // a sidecar opens a stream when it has something to send: after an outage all that it held back, as all
            // the others do
            Allowance.current().await(FIRST_MESSAGE, () -> answer.request(1));
        }

        @Override
        public void onNext(AccessLogMarshaller.Message message) {
            if (ended) {
                return;
            }
            pace.stir();
            Batch batch = new Batch();
            String problem = message.read(batch);
            batch.handOn();
            if (node.isEmpty()) {
                if (!denial.isEmpty()) {
                    refuse(Peer.REFUSED, denial);
                    return;
                }
                refuse("node", "identifier.node.id: (expected: " + PrintableText.NODE_ID + " in the first message)");
            } else if (!problem.isEmpty()) {
                refuse("access_log", problem);
            } else {
                answer.request(1);
            }
        }

        private final class Batch implements AccessLogMarshaller.Reader {
            private final List<AccessRecord> records = new ArrayList<>();
            private final List<AttemptProgress> unfinished = new ArrayList<>();

            @Override
            public boolean node(String id) {
                if (node.isEmpty() && PrintableText.isNodeId(id)) {
                    denial = Peer.current().refusesCalls(id);
                    node = denial.isEmpty() ? id : "";
                }
                return !node.isEmpty();
            }

            @Override
            public boolean entry(ByteString entry) {
                if (node.isEmpty()) {
                    return false;
                }
                ParsedRecord parsed = parse(entry);
                if (parsed instanceof ParsedRecord.Accepted accepted) {
                    records.add(accepted.record());
                } else if (parsed instanceof ParsedRecord.Unfinished passing) {
                    unfinished.add(passing.progress());
                } else if (parsed instanceof ParsedRecord.Rejected rejected) {
                    listener.rejected(node, "record_" + rejected.kind(), rejected.message());
                }
                if (records.size() == BATCH || unfinished.size() == BATCH) {
                    handOn();
                }
                return true;
            }

            void handOn() {
                if (!unfinished.isEmpty()) {
                    listener.progress(List.copyOf(unfinished));
                    unfinished.clear();
                }
                if (!records.isEmpty()) {
                    listener.records(List.copyOf(records));
                    records.clear();
                }
            }
        }

        private ParsedRecord parse(ByteString entry) {
            try {
                return RecordEntry.parse(node, HTTPAccessLogEntry.parseFrom(entry));
            } catch (InvalidProtocolBufferException e) {
                return new ParsedRecord.Rejected("not_proto", "entry: " + e.getMessage());
            }
        }

        private void refuse(String kind, String message) {
            ended = true;
            listener.rejected(node, kind, message);
            Status status = kind.equals(Peer.REFUSED) ? Status.PERMISSION_DENIED : Status.INVALID_ARGUMENT;
            answer.onError(status.withDescription(message).asRuntimeException());
        }

        @Override
        public void onError(Throwable cancelled) {
            ended = true;
        }

        @Override
        public void onCompleted() {
            if (!ended) {
                answer.onNext(StreamAccessLogsResponse.getDefaultInstance());
                answer.onCompleted();
            }
        }
    }
}
