package dev.weir.xds.telemetry;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import com.google.protobuf.WireFormat.FieldType;
import java.io.IOException;

/** Reads of an Envoy node no more than its id: the rest is 60 KB of extension names, repeated with every load report. */
final class NodeId {
    private static final int ID = tag(1, FieldType.STRING.getWireType());

    private NodeId() {}

    /** Reads a node message, length first, to its end; "" = it has no id. */
    static String read(CodedInputStream in) throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        String id = "";
        while (id.isEmpty() && !in.isAtEnd()) {
            int tag = in.readTag();
            if (tag == ID) {
                id = in.readStringRequireUtf8();
            } else {
                in.skipField(tag);
            }
        }
        in.skipRawBytes(in.getBytesUntilLimit());
        in.popLimit(outer);
        return id;
    }

    /** The tag that stands before a field on the wire. */
    static int tag(int field, int wireType) {
        return field << 3 | wireType;
    }

    static final int LENGTH_DELIMITED = WireFormat.WIRETYPE_LENGTH_DELIMITED;
}
