package dev.weir.xds.telemetry;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import dev.weir.xds.telemetry.AccessLogMarshaller.Message;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads {@code StreamAccessLogsMessage} entry by entry, off gRPC's own buffers: after an outage a message holds thousands,
 * and one bad entry must not cost the others.
 */
final class AccessLogMarshaller implements MethodDescriptor.Marshaller<Message> {
    /** Most entries of a message. */
    static final int MAX_ENTRIES = 100_000;

    private static final int IDENTIFIER = NodeId.tag(1, NodeId.LENGTH_DELIMITED);
    private static final int HTTP_LOGS = NodeId.tag(2, NodeId.LENGTH_DELIMITED);
    private static final int NODE = NodeId.tag(1, NodeId.LENGTH_DELIMITED);
    private static final int ENTRY = NodeId.tag(1, NodeId.LENGTH_DELIMITED);

    /** Told what a message holds, in its order. */
    interface Reader {
        /** The sender's id; false = no more is to be read. */
        boolean node(String id);

        /** An {@code HTTPAccessLogEntry}; false = no more is to be read. */
        boolean entry(ByteString entry);
    }

    /** A message that is not read yet. It can be read once, before its handler returns. */
    static final class Message {
        private final InputStream bytes;

        private Message(InputStream bytes) {
            this.bytes = bytes;
        }

        /** Returns why the rest was not read, "" = it was, or {@code reader} wanted no more. */
        String read(Reader reader) {
            try {
                CodedInputStream in = CodedInputStream.newInstance(bytes);
                int entries = 0;
                for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                    if (tag == IDENTIFIER) {
                        if (!reader.node(identifier(in))) {
                            return "";
                        }
                    } else if (tag == HTTP_LOGS) {
                        int outer = in.pushLimit(in.readRawVarint32());
                        while (!in.isAtEnd()) {
                            int inner = in.readTag();
                            if (inner != ENTRY) {
                                in.skipField(inner);
                            } else if (entries++ == MAX_ENTRIES) {
                                return "more than " + MAX_ENTRIES + " entries";
                            } else if (!reader.entry(in.readBytes())) {
                                return "";
                            }
                        }
                        in.popLimit(outer);
                    } else {
                        in.skipField(tag);
                    }
                }
                return "";
            } catch (IOException e) {
                return String.valueOf(e.getMessage());
            }
        }

        private static String identifier(CodedInputStream in) throws IOException {
            String node = "";
            int outer = in.pushLimit(in.readRawVarint32());
            while (!in.isAtEnd()) {
                int tag = in.readTag();
                if (tag == NODE) {
                    node = NodeId.read(in);
                } else {
                    in.skipField(tag);
                }
            }
            in.popLimit(outer);
            return node;
        }
    }

    @Override
    public Message parse(InputStream stream) {
        return new Message(stream); // gRPC closes it when the handler has returned
    }

    /** Not supported: the server never sends one. */
    @Override
    public InputStream stream(Message message) {
        return new ByteArrayInputStream(new byte[0]);
    }
}
