package dev.weir.xds.telemetry;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import dev.weir.xds.telemetry.AccessLogMarshaller.Message;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads {@code StreamAccessLogsMessage} down to entries that are not parsed yet: after an outage one message may hold
 * tens of thousands, and one bad entry must not cost the others.
 */
final class AccessLogMarshaller implements MethodDescriptor.Marshaller<Message> {
    /** Most entries of a message: twice what fits into 16 MiB. */
    static final int MAX_ENTRIES = 100_000;

    private static final int IDENTIFIER = NodeId.tag(1, NodeId.LENGTH_DELIMITED);
    private static final int HTTP_LOGS = NodeId.tag(2, NodeId.LENGTH_DELIMITED);
    private static final int NODE = NodeId.tag(1, NodeId.LENGTH_DELIMITED);
    private static final int ENTRY = NodeId.tag(1, NodeId.LENGTH_DELIMITED);

    /**
     * @param node id, "" = none was sent
     * @param entries each an {@code HTTPAccessLogEntry}
     * @param problem why the rest was not read, "" = it was
     */
    record Message(String node, List<ByteString> entries, String problem) {}

    @Override
    public Message parse(InputStream stream) {
        String node = "";
        List<ByteString> entries = new ArrayList<>();
        try {
            CodedInputStream in = ByteString.readFrom(stream).newCodedInput();
            in.enableAliasing(true);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == IDENTIFIER) {
                    node = identifier(in);
                } else if (tag != HTTP_LOGS) {
                    in.skipField(tag);
                } else if (!entries(in, entries)) {
                    return new Message(node, entries, "more than " + MAX_ENTRIES + " entries");
                }
            }
            return new Message(node, entries, "");
        } catch (IOException e) {
            return new Message(node, entries, String.valueOf(e.getMessage()));
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

    /** Whether there were not too many. */
    private static boolean entries(CodedInputStream in, List<ByteString> entries) throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        while (!in.isAtEnd()) {
            int tag = in.readTag();
            if (tag != ENTRY) {
                in.skipField(tag);
            } else if (entries.size() < MAX_ENTRIES) {
                entries.add(in.readBytes());
            } else {
                return false;
            }
        }
        in.popLimit(outer);
        return true;
    }

    /** The server never sends one. */
    @Override
    public InputStream stream(Message message) {
        return new ByteArrayInputStream(new byte[0]);
    }
}
