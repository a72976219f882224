package dev.weir.xds.telemetry;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import dev.weir.xds.telemetry.LoadReportMarshaller.Message;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterStats;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads {@code LoadStatsRequest} without its node, but for the id. What cannot be read is a message that says so: thrown
 * errors would end the stream before anybody could count them.
 */
final class LoadReportMarshaller implements MethodDescriptor.Marshaller<Message> {
    /** Largest report that is read, bytes: a node and 4 000 clusters of 250 bytes. */
    static final int MAX_BYTES = 1 << 20;

    static final int MAX_CLUSTERS = 4_000;

    private static final int NODE = NodeId.tag(1, NodeId.LENGTH_DELIMITED);
    private static final int CLUSTER_STATS = NodeId.tag(2, NodeId.LENGTH_DELIMITED);

    /**
     * @param node id, "" = none was sent
     * @param problem why it was not read, "" = it was
     */
    record Message(String node, List<ClusterStats> clusters, String problem) {}

    @Override
    public Message parse(InputStream stream) {
        String node = "";
        List<ClusterStats> clusters = new ArrayList<>();
        try {
            CodedInputStream in = CodedInputStream.newInstance(stream);
            in.setSizeLimit(MAX_BYTES);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == NODE) {
                    node = NodeId.read(in);
                } else if (tag != CLUSTER_STATS) {
                    in.skipField(tag);
                } else if (clusters.size() < MAX_CLUSTERS) {
                    clusters.add(in.readMessage(ClusterStats.parser(), ExtensionRegistryLite.getEmptyRegistry()));
                } else {
                    return new Message(node, List.of(), "more than " + MAX_CLUSTERS + " clusters");
                }
            }
            return new Message(node, clusters, "");
        } catch (IOException e) {
            return new Message(node, List.of(), String.valueOf(e.getMessage()));
        }
    }

    /** Not supported: the server never sends one. */
    @Override
    public InputStream stream(Message message) {
        return new ByteArrayInputStream(new byte[0]);
    }
}
