package dev.weir.xds;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads the requests of a method with a limit, and never throws: what cannot be read is told apart by {@link #unreadable}, so
 * that the handler can count it and say why. gRPC itself would log a stack trace and tell nobody.
 */
public final class SafeMarshaller<T extends Message> implements MethodDescriptor.Marshaller<T> {
    private final Parser<T> parser;
    private final T unreadable;
    private final int maxBytes;

    /**
     * @param defaults the type's default instance
     * @param maxBytes largest message that is read
     */
    public SafeMarshaller(T defaults, int maxBytes) {
        @SuppressWarnings("unchecked") // a message's parser and builder make its own type
        Parser<T> own = (Parser<T>) defaults.getParserForType();
        @SuppressWarnings("unchecked")
        T copy = (T) defaults.newBuilderForType().build();
        this.parser = own;
        this.unreadable = copy;
        this.maxBytes = maxBytes;
    }

    /** Whether {@code message} stands for one that could not be read. */
    public boolean unreadable(T message) {
        return message == unreadable; // no message from outside is this object
    }

    /** What the sender of an unreadable message is told. */
    public String expectation() {
        return "message: unreadable (expected: "
                + unreadable.getDescriptorForType().getFullName() + " of at most " + maxBytes + " bytes)";
    }

    @Override
    public T parse(InputStream stream) {
        try {
            CodedInputStream in = CodedInputStream.newInstance(stream);
            in.setSizeLimit(maxBytes);
            T message = parser.parseFrom(in, ExtensionRegistryLite.getEmptyRegistry());
            in.checkLastTagWas(0);
            return message;
        } catch (IOException e) {
            return unreadable;
        }
    }

    @Override
    public InputStream stream(T message) {
        return message.toByteString().newInput();
    }
}
