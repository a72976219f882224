package dev.weir.control.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.v1.CollectRequest;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterStats;
import io.envoyproxy.envoy.config.endpoint.v3.UpstreamLocalityStats;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogType;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPAccessLogEntry;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsMessage;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.load_stats.v3.LoadStatsRequest;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;

/** What strangers send to the services of the sidecars' port: real messages of nobody in the mesh, changed ones, absurd ones. */
final class Messages {
    private static final byte[] UNKNOWN_FIELD = {(byte) 0xc0, 0x3e, 1};
    private static final byte UNKNOWN_GROUP = 0x0b;

    private Messages() {}

    /** As a sidecar or a collector would send it. */
    static byte[] of(String method, Random random) {
        return message(method, "stranger-" + random.nextInt(50)).toByteArray();
    }

    private static Message message(String method, String who) {
        Node node = Node.newBuilder().setId(who).setCluster("consumer").build();
        return switch (method) {
            case Hostility.ADS ->
                DeltaDiscoveryRequest.newBuilder()
                        .setNode(node)
                        .setTypeUrl("type.googleapis.com/envoy.config.cluster.v3.Cluster")
                        .addResourceNamesSubscribe("*")
                        .build();
            case Hostility.RTDS ->
                DiscoveryRequest.newBuilder()
                        .setNode(node)
                        .setTypeUrl("type.googleapis.com/envoy.service.runtime.v3.Runtime")
                        .addResourceNames("weir-limits")
                        .build();
            case Hostility.LRS ->
                LoadStatsRequest.newBuilder()
                        .setNode(node)
                        .addClusterStats(ClusterStats.newBuilder()
                                .setClusterName("other|z")
                                .addUpstreamLocalityStats(UpstreamLocalityStats.newBuilder()
                                        .setTotalIssuedRequests(7)
                                        .setTotalRequestsInProgress(3)))
                        .build();
            case Hostility.ALS -> records(node, 1);
            case Hostility.CHECK ->
                CheckRequest.newBuilder()
                        .setAttributes(AttributeContext.newBuilder()
                                .putContextExtensions("pool", "other")
                                .setRequest(AttributeContext.Request.newBuilder()
                                        .setHttp(AttributeContext.HttpRequest.newBuilder()
                                                .putHeaders("x-request-id", who))))
                        .build();
            case Hostility.COLLECT ->
                CollectRequest.newBuilder()
                        .setSidecar(who)
                        .setFileId("file-1")
                        .setLines(ByteString.copyFromUtf8("{\"request_id\":\"a\",\"status\":200}\nno line\n"))
                        .setFileSize(1 << 20)
                        .build();
            default -> Node.getDefaultInstance(); // an empty one: the health check's
        };
    }

    private static StreamAccessLogsMessage records(Node node, int count) {
        HTTPAccessLogEntry.Builder entry = HTTPAccessLogEntry.newBuilder();
        entry.getCommonPropertiesBuilder().setAccessLogType(AccessLogType.DownstreamEnd);
        entry.getRequestBuilder().setRequestId("r-" + node.getId()).setPath("/v1/chat/completions");
        entry.getResponseBuilder().getResponseCodeBuilder().setValue(200);
        StreamAccessLogsMessage.Builder message = StreamAccessLogsMessage.newBuilder();
        message.getIdentifierBuilder().setNode(node).setLogName("calls");
        message.getHttpLogsBuilder().addAllLogEntry(Collections.nCopies(count, entry.build()));
        return message.build();
    }

    /** Some bytes changed, a piece left out, or a piece twice. */
    static byte[] mutated(byte[] bytes, Random random) {
        byte[] result = bytes.clone();
        for (int i = 0; i <= random.nextInt(4) && result.length > 1; i++) {
            int at = random.nextInt(result.length);
            int end = at + random.nextInt(Math.min(64, result.length - at));
            result = switch (random.nextInt(4)) {
                case 0 -> changed(result, at, (byte) random.nextInt());
                case 1 -> changed(result, at, (byte) (result[at] ^ 1 << random.nextInt(8)));
                case 2 -> HostilePeer.join(Arrays.copyOf(result, at), Arrays.copyOfRange(result, end, result.length));
                default -> HostilePeer.join(Arrays.copyOf(result, end), Arrays.copyOfRange(result, at, result.length));
            };
        }
        return result;
    }

    private static byte[] changed(byte[] bytes, int at, byte to) {
        bytes[at] = to;
        return bytes;
    }

    /** The beginning of it. */
    static byte[] start(byte[] bytes, Random random) {
        return Arrays.copyOf(bytes, random.nextInt(bytes.length));
    }

    /** Near the limit of a message's size, and made so that as much work as possible is in it. */
    static byte[] absurd(String method, Random random) {
        byte[] real = of(method, random);
        byte[] more = switch (random.nextInt(4)) {
            case 0 -> many(UNKNOWN_FIELD, 1_000_000);
            case 1 -> many(UNKNOWN_FIELD, 600_000);
            case 2 -> many(new byte[] {UNKNOWN_GROUP}, 100_000);
            default -> repeated(method);
        };
        return HostilePeer.join(real, more);
    }

    private static byte[] many(byte[] bytes, int times) {
        byte[] all = new byte[bytes.length * times];
        for (int i = 0; i < all.length; i++) {
            all[i] = bytes[i % bytes.length];
        }
        return all;
    }

    private static byte[] repeated(String method) {
        Node node = Node.newBuilder().setId("stranger-0").build();
        return switch (method) {
            case Hostility.ADS ->
                DeltaDiscoveryRequest.newBuilder()
                        .addAllResourceNamesSubscribe(Collections.nCopies(10_000, "chat|a"))
                        .setNode(node.toBuilder().setMetadata(nested(400)))
                        .build()
                        .toByteArray();
            case Hostility.LRS ->
                LoadStatsRequest.newBuilder()
                        .addAllClusterStats(Collections.nCopies(
                                3_900,
                                ClusterStats.newBuilder()
                                        .setClusterName("other|z")
                                        .addAllUpstreamLocalityStats(
                                                Collections.nCopies(50, UpstreamLocalityStats.getDefaultInstance()))
                                        .build()))
                        .build()
                        .toByteArray();
            case Hostility.ALS -> records(node, 40_000).toByteArray();
            default -> many(new byte[] {0x0a, 0}, 1_000_000); // field 1, empty, a million times
        };
    }

    private static Struct nested(int depth) {
        Struct inner = Struct.getDefaultInstance();
        for (int i = 0; i < depth; i++) {
            inner = Struct.newBuilder()
                    .putFields("a", Value.newBuilder().setStructValue(inner).build())
                    .build();
        }
        return inner;
    }
}
