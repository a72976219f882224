package dev.weir.xds.server;

import dev.weir.v1.health.HealthCheckRequest;
import dev.weir.v1.health.HealthCheckResponse;
import dev.weir.v1.health.HealthCheckResponse.ServingStatus;
import dev.weir.v1.health.HealthGrpc;
import dev.weir.xds.SafeMarshaller;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;

/** Says that the server serves, to sidecars that ask on the connection that they have; whoever gets no answer knows, too. */
final class HealthService implements BindableService {
    private static final int MAX_BYTES = 4 << 10;
    private static final SafeMarshaller<HealthCheckRequest> REQUESTS =
            new SafeMarshaller<>(HealthCheckRequest.getDefaultInstance(), MAX_BYTES);
    private static final HealthCheckResponse SERVING =
            HealthCheckResponse.newBuilder().setStatus(ServingStatus.SERVING).build();

    @Override
    public ServerServiceDefinition bindService() {
        MethodDescriptor<HealthCheckRequest, HealthCheckResponse> check = HealthGrpc.getCheckMethod();
        return ServerServiceDefinition.builder(HealthGrpc.SERVICE_NAME)
                .addMethod(
                        check.toBuilder(REQUESTS, check.getResponseMarshaller()).build(),
                        ServerCalls.asyncUnaryCall(HealthService::check))
                .build();
    }

    private static void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> answer) {
        if (REQUESTS.unreadable(request)) {
            answer.onError(Status.INVALID_ARGUMENT
                    .withDescription(REQUESTS.expectation())
                    .asRuntimeException());
            return;
        }
        answer.onNext(SERVING);
        answer.onCompleted();
    }
}
