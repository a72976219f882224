package dev.weir.xds;

import dev.weir.v1.health.HealthCheckRequest;
import dev.weir.v1.health.HealthCheckResponse;
import dev.weir.v1.health.HealthCheckResponse.ServingStatus;
import dev.weir.v1.health.HealthGrpc;
import io.grpc.stub.StreamObserver;

/** Says that the server serves, to sidecars that ask on the connection that they have; whoever gets no answer knows, too. */
final class HealthService extends HealthGrpc.HealthImplBase {
    private static final HealthCheckResponse SERVING =
            HealthCheckResponse.newBuilder().setStatus(ServingStatus.SERVING).build();

    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> answer) {
        answer.onNext(SERVING);
        answer.onCompleted();
    }
}
