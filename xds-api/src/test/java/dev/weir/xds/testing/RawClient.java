package dev.weir.xds.testing;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A gRPC client that sends any bytes, for what no honest client would send. */
public final class RawClient implements AutoCloseable {
    private static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    private final ManagedChannel channel;

    public RawClient(int port) {
        channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .maxInboundMessageSize(64 << 20)
                .build();
    }

    /** Opens a stream of a method, {@code package.Service/Method}. */
    public Stream open(String method) {
        return openUnread(method).read(1_000_000);
    }

    /** The same; nothing that comes is read, but for what its windows let in, until {@link Stream#read}. */
    public Stream openUnread(String method) {
        return open(method, CallOptions.DEFAULT);
    }

    /** The same; what it sends is compressed by gzip. */
    public Stream openCompressed(String method) {
        return open(method, CallOptions.DEFAULT.withCompression("gzip")).read(1_000_000);
    }

    private Stream open(String method, CallOptions options) {
        MethodDescriptor<byte[], byte[]> descriptor = MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .setFullMethodName(method)
                .setRequestMarshaller(BYTES)
                .setResponseMarshaller(BYTES)
                .build();
        return new Stream(channel.newCall(descriptor, options));
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    /** One open stream. */
    public static final class Stream extends ClientCall.Listener<byte[]> {
        private final ClientCall<byte[], byte[]> call;
        private final BlockingQueue<byte[]> answers = new LinkedBlockingQueue<>();
        private final CompletableFuture<Status> end = new CompletableFuture<>();

        private Stream(ClientCall<byte[], byte[]> call) {
            this.call = call;
            call.start(this, new Metadata());
        }

        /** So many more answers. */
        public Stream read(int count) {
            call.request(count);
            return this;
        }

        public Stream send(byte[] message) {
            call.sendMessage(message);
            return this;
        }

        public Stream halfClose() {
            call.halfClose();
            return this;
        }

        public void cancel() {
            call.cancel("test", null);
        }

        /** The next answer; null = none came in time. */
        public byte @Nullable [] answer(Duration within) {
            try {
                return answers.poll(within.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        /** Whether the server has ended the stream. */
        public boolean over() {
            return end.isDone();
        }

        /** Waits for the server to end the stream. */
        public Status end() {
            return end.orTimeout(30, TimeUnit.SECONDS).join();
        }

        @Override
        public void onMessage(byte[] message) {
            answers.add(message);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            end.complete(status);
        }
    }
}
