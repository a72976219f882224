package dev.weir.xds.telemetry;

import dev.weir.v1.BeginRequest;
import dev.weir.v1.BeginResponse;
import dev.weir.v1.CallsGrpc;
import io.grpc.stub.StreamObserver;

/**
 * Told by sidecars of the first call after a while, as it begins. A record comes at a call's end and load reports are rare in a
 * mesh at rest, so nothing else would tell of it soon. It stirs the {@link ReportPace}, and nothing is learnt from it.
 */
public final class CallsService extends CallsGrpc.CallsImplBase {
    private final ReportPace pace;

    public CallsService(ReportPace pace) {
        this.pace = pace;
    }

    @Override
    public void begin(BeginRequest request, StreamObserver<BeginResponse> answer) {
        pace.stir();
        answer.onNext(BeginResponse.getDefaultInstance());
        answer.onCompleted();
    }
}
