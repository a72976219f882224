package dev.weir.xds.check;

import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.xds.check.CheckMarshaller.Message;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Reads a check of at most {@link #MAX_BYTES}; what is none becomes a problem, never a broken stream. */
final class CheckMarshaller implements MethodDescriptor.Marshaller<Message> {
    /** Largest check, bytes. Envoy's own limit for all headers of a request is 60 KiB. */
    static final int MAX_BYTES = 256 << 10;

    /**
     * @param request null = there is a problem
     * @param tooLarge whether that is its size
     */
    record Message(@Nullable CheckRequest request, boolean tooLarge) {}

    @Override
    public Message parse(InputStream stream) {
        try {
            byte[] bytes = stream.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                return new Message(null, true);
            }
            return new Message(CheckRequest.parseFrom(bytes, ExtensionRegistryLite.getEmptyRegistry()), false);
        } catch (InvalidProtocolBufferException e) {
            return new Message(null, false);
        } catch (IOException e) {
            // the stream is in memory
            throw new IllegalStateException(e);
        }
    }

    /** Not supported: the server never sends one. */
    @Override
    public InputStream stream(Message message) {
        return new ByteArrayInputStream(new byte[0]);
    }
}
