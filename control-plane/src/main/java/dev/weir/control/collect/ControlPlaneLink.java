package dev.weir.control.collect;

import dev.weir.v1.CollectRequest;
import dev.weir.v1.CollectResponse;
import dev.weir.v1.CollectorGrpc;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The stream to the control plane. Owned by the collector's thread; what comes back is handed over as events. */
final class ControlPlaneLink implements AutoCloseable {
    /** What comes back; {@code stream} tells a late word of an old stream from one of the present. */
    sealed interface Event {
        int stream();

        record Answer(int stream, String fileId, long offset) implements Event {}

        record Broken(int stream, String reason) implements Event {}
    }

    private final ManagedChannel channel;
    private final LinkProof proof;
    private final Consumer<Event> events;
    private @Nullable StreamObserver<CollectRequest> requests;
    private int stream;

    /** Throws {@link IllegalArgumentException} when {@code proof} cannot be used. */
    ControlPlaneLink(HostPort address, LinkProof proof, Consumer<Event> events) {
        ChannelCredentials credentials = proof.credentials();
        ManagedChannelBuilder<?> builder = Grpc.newChannelBuilderForAddress(address.host(), address.port(), credentials)
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS);
        proof.serverName().ifPresent(builder::overrideAuthority);
        this.channel = builder.build();
        this.proof = proof;
        this.events = events;
    }

    boolean isOpen() {
        return requests != null;
    }

    /** Number of the present stream. */
    int stream() {
        return stream;
    }

    void open() {
        proof.renew();
        channel.resetConnectBackoff(); // the waiting is ours
        int number = ++stream;
        requests = CollectorGrpc.newStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(proof.headers()))
                .collect(new StreamObserver<>() {
                    @Override
                    public void onNext(CollectResponse response) {
                        events.accept(new Event.Answer(number, response.getFileId(), response.getOffset()));
                    }

                    @Override
                    public void onError(Throwable error) {
                        Status status = Status.fromThrowable(error);
                        String description = status.getDescription();
                        events.accept(new Event.Broken(
                                number, status.getCode() + (description == null ? "" : ": " + description)));
                    }

                    @Override
                    public void onCompleted() {
                        events.accept(new Event.Broken(number, "the control plane ended the stream"));
                    }
                });
    }

    void send(CollectRequest request) {
        if (requests != null) {
            requests.onNext(request);
        }
    }

    /** Gives up the present stream; its late events are to be ignored. */
    void drop(String reason) {
        if (requests != null) {
            StreamObserver<CollectRequest> old = requests;
            requests = null;
            stream++;
            old.onError(Status.CANCELLED.withDescription(reason).asRuntimeException());
        }
    }

    @Override
    public void close() {
        if (requests != null) {
            requests.onCompleted();
            requests = null;
        }
        channel.shutdown();
        try {
            if (!channel.awaitTermination(1, TimeUnit.SECONDS)) {
                channel.shutdownNow();
            }
        } catch (InterruptedException e) {
            channel.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
