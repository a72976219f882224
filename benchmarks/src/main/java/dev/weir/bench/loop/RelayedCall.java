package dev.weir.bench.loop;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.UnaryOperator;

/** Passes the messages of one gRPC call on, in both directions, as bytes; it lasts as long as both ends do. */
final class RelayedCall {
    static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>() {
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

    private RelayedCall() {}

    /** @param edit what becomes of each response */
    static ServerCall.Listener<byte[]> start(
            ServerCall<byte[], byte[]> from, Metadata headers, Channel channel, UnaryOperator<byte[]> edit) {
        ClientCall<byte[], byte[]> to = channel.newCall(from.getMethodDescriptor(), CallOptions.DEFAULT);
        to.start(new Responses(from, to, edit), headers);
        to.request(1);
        from.request(1);
        return new Requests(from, to);
    }

    private static final class Requests extends ServerCall.Listener<byte[]> {
        private final ServerCall<byte[], byte[]> from;
        private final ClientCall<byte[], byte[]> to;

        private Requests(ServerCall<byte[], byte[]> from, ClientCall<byte[], byte[]> to) {
            this.from = from;
            this.to = to;
        }

        @Override
        public void onMessage(byte[] message) {
            to.sendMessage(message);
            from.request(1);
        }

        @Override
        public void onHalfClose() {
            to.halfClose();
        }

        @Override
        public void onCancel() {
            to.cancel("the sidecar has left", null);
        }
    }

    private static final class Responses extends ClientCall.Listener<byte[]> {
        private final ServerCall<byte[], byte[]> from;
        private final ClientCall<byte[], byte[]> to;
        private final UnaryOperator<byte[]> edit;

        private Responses(ServerCall<byte[], byte[]> from, ClientCall<byte[], byte[]> to, UnaryOperator<byte[]> edit) {
            this.from = from;
            this.to = to;
            this.edit = edit;
        }

        @Override
        public void onHeaders(Metadata headers) {
            from.sendHeaders(headers);
        }

        @Override
        public void onMessage(byte[] message) {
            from.sendMessage(edit.apply(message));
            to.request(1);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (!from.isCancelled()) {
                from.close(status, trailers);
            }
        }
    }
}
