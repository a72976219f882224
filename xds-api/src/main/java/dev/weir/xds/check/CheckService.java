package dev.weir.xds.check;

import com.google.protobuf.Struct;
import com.google.rpc.Code;
import dev.weir.xds.SparseLog;
import dev.weir.xds.check.CheckAnswer.Pass;
import dev.weir.xds.check.CheckAnswer.Refuse;
import dev.weir.xds.resource.TypedStructs;
import dev.weir.xds.wire.ErrorCode;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Deadline;
import io.grpc.Grpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Envoy's ext_authz service. Every check that arrives gets a verdict; a gRPC error is none, since sidecars ask again after it.
 * That an answer arrived is told when its call completes; a server on which that means no more than that it was sent says it too
 * early.
 */
public final class CheckService implements BindableService {
    private static final SparseLog log = new SparseLog(LoggerFactory.getLogger(CheckService.class), System::nanoTime);

    private static final MethodDescriptor<CheckMarshaller.Message, CheckResponse> METHOD =
            AuthorizationGrpc.getCheckMethod().toBuilder(
                            new CheckMarshaller(), ProtoUtils.marshaller(CheckResponse.getDefaultInstance()))
                    .build();

    private static final Context.Key<SocketAddress> ASKER = Context.key("asker");

    private final CheckHandler handler;

    public CheckService(CheckHandler handler) {
        this.handler = handler;
    }

    /** The method's full name, for a server that gives it the network threads. */
    public static String methodName() {
        return METHOD.getFullMethodName();
    }

    @Override
    public ServerServiceDefinition bindService() {
        ServerCallHandler<CheckMarshaller.Message, CheckResponse> handling = ServerCalls.asyncUnaryCall(this::check);
        return ServerServiceDefinition.builder(AuthorizationGrpc.SERVICE_NAME)
                .addMethod(
                        METHOD,
                        (call, headers) -> Contexts.interceptCall(
                                Context.current()
                                        .withValue(ASKER, call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)),
                                call,
                                headers,
                                handling))
                .build();
    }

    private void check(CheckMarshaller.Message message, StreamObserver<CheckResponse> observer) {
        Pending pending = new Pending((ServerCallStreamObserver<CheckResponse>) observer);
        CheckReader.Read read = CheckReader.of(message, String.valueOf(ASKER.get()), patienceNanos());
        if (read instanceof CheckReader.Read.Bad bad) {
            pending.accept(bad.refusal());
        } else if (read instanceof CheckReader.Read.Good good) {
            try {
                pending.hears(handler.check(good.check(), pending));
            } catch (RuntimeException e) {
                log.warn("check", "a check failed", e);
                pending.accept(Refusals.of(
                        500,
                        ErrorCode.CHECK_FAILED,
                        "The check of this request failed.",
                        good.check().requestId()));
            }
        }
    }

    /** How long the other side waits, by the deadline that it said; Envoy says one with each check. */
    private static long patienceNanos() {
        Deadline deadline = Context.current().getDeadline();
        return deadline == null ? CheckedRequest.MAX_PATIENCE_NANOS : deadline.timeRemaining(TimeUnit.NANOSECONDS);
    }

    /** One check: answered once, or left. */
    private static final class Pending implements Consumer<CheckAnswer> {
        private final ServerCallStreamObserver<CheckResponse> observer;
        private final AtomicBoolean answered = new AtomicBoolean();
        private final AtomicBoolean told = new AtomicBoolean();
        private volatile @Nullable AnswerListener listener;
        private volatile boolean left;
        private volatile boolean arrived;

        Pending(ServerCallStreamObserver<CheckResponse> observer) {
            this.observer = observer;
            observer.setOnCancelHandler(this::left);
            observer.setOnCloseHandler(this::arrived);
        }

        void hears(AnswerListener fate) {
            listener = fate;
            if (left) {
                left();
            } else if (arrived) {
                arrived();
            }
        }

        private void left() {
            left = true;
            AnswerListener fate = listener;
            if (fate != null && told.compareAndSet(false, true)) {
                fate.left();
            }
        }

        private void arrived() {
            arrived = true;
            AnswerListener fate = listener;
            if (fate != null && told.compareAndSet(false, true)) {
                fate.arrived();
            }
        }

        @Override
        public void accept(CheckAnswer answer) {
            if (!answered.compareAndSet(false, true)) {
                return;
            }
            if (left || observer.isCancelled()) {
                left();
                return;
            }
            observer.onNext(response(answer));
            observer.onCompleted();
        }
    }

    private static CheckResponse response(CheckAnswer answer) {
        CheckResponse.Builder response = CheckResponse.newBuilder();
        if (answer instanceof Pass pass) {
            OkHttpResponse.Builder ok = OkHttpResponse.newBuilder();
            pass.headers().forEach((name, value) -> ok.addHeaders(header(name, value)));
            response.setOkResponse(ok);
            if (!pass.facts().isEmpty()) {
                Struct facts = TypedStructs.struct(pass.facts());
                response.setDynamicMetadata(facts);
            }
        } else if (answer instanceof Refuse refuse) {
            DeniedHttpResponse.Builder denied = DeniedHttpResponse.newBuilder()
                    .setStatus(HttpStatus.newBuilder().setCodeValue(refuse.status()))
                    .setBody(refuse.body());
            for (Map.Entry<String, String> each : refuse.headers().entrySet()) {
                denied.addHeaders(header(each.getKey(), each.getValue()));
            }
            response.getStatusBuilder().setCode(Code.PERMISSION_DENIED_VALUE);
            response.setDeniedResponse(denied);
        }
        return response.build();
    }

    private static HeaderValueOption header(String name, String value) {
        return HeaderValueOption.newBuilder()
                .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value))
                .setAppendAction(HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD)
                .build();
    }
}
