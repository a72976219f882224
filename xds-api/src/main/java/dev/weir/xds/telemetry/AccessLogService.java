package dev.weir.xds.telemetry;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPAccessLogEntry;
import io.envoyproxy.envoy.service.accesslog.v3.AccessLogServiceGrpc;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsResponse;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;

/** Envoy's access log service: the fresh copies of calls and attempts. */
public final class AccessLogService implements BindableService {
    /** Records handed on at once. */
    static final int BATCH = 512;

    private static final MethodDescriptor<AccessLogMarshaller.Message, StreamAccessLogsResponse> METHOD =
            AccessLogServiceGrpc.getStreamAccessLogsMethod().toBuilder(
                            new AccessLogMarshaller(),
                            ProtoUtils.marshaller(StreamAccessLogsResponse.getDefaultInstance()))
                    .build();

    private final TelemetryListener listener;

    public AccessLogService(TelemetryListener listener) {
        this.listener = listener;
    }

    @Override
    public ServerServiceDefinition bindService() {
        return ServerServiceDefinition.builder(AccessLogServiceGrpc.SERVICE_NAME)
                .addMethod(METHOD, ServerCalls.asyncClientStreamingCall(EntryStream::new))
                .build();
    }

    private final class EntryStream implements StreamObserver<AccessLogMarshaller.Message> {
        private final StreamObserver<StreamAccessLogsResponse> answer;
        private String node = "";
        private boolean ended;

        EntryStream(StreamObserver<StreamAccessLogsResponse> answer) {
            this.answer = answer;
        }

        @Override
        public void onNext(AccessLogMarshaller.Message message) {
            if (ended) {
                return;
            }
            if (node.isEmpty()) {
                if (!NodeId.valid(message.node())) {
                    refuse("node", "identifier.node.id: (expected: " + NodeId.expectation() + " in the first message)");
                    return;
                }
                node = message.node();
            }
            read(message.entries());
            if (!message.problem().isEmpty()) {
                refuse("access_log", message.problem());
            }
        }

        private void read(List<ByteString> entries) {
            List<AccessRecord> records = new ArrayList<>(Math.min(entries.size(), BATCH));
            List<AttemptProgress> unfinished = new ArrayList<>();
            for (ByteString entry : entries) {
                ParsedRecord parsed = parse(entry);
                if (parsed instanceof ParsedRecord.Accepted accepted) {
                    records.add(accepted.record());
                } else if (parsed instanceof ParsedRecord.Unfinished passing) {
                    unfinished.add(passing.progress());
                } else if (parsed instanceof ParsedRecord.Rejected rejected) {
                    listener.rejected(node, "record_" + rejected.kind(), rejected.message());
                }
                if (unfinished.size() == BATCH) {
                    listener.progress(List.copyOf(unfinished));
                    unfinished.clear();
                }
                if (records.size() == BATCH) {
                    listener.records(List.copyOf(records));
                    records.clear();
                }
            }
            if (!unfinished.isEmpty()) {
                listener.progress(List.copyOf(unfinished));
            }
            if (!records.isEmpty()) {
                listener.records(List.copyOf(records));
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
            answer.onError(Status.INVALID_ARGUMENT.withDescription(message).asRuntimeException());
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
