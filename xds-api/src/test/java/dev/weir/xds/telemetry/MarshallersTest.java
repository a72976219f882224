package dev.weir.xds.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.Extension;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterStats;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPAccessLogEntry;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsMessage;
import io.envoyproxy.envoy.service.load_stats.v3.LoadStatsRequest;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The two readers that know the wire format themselves read what the generated classes write. */
final class MarshallersTest {
    private static final LoadReportMarshaller LOADS = new LoadReportMarshaller();
    private static final AccessLogMarshaller LOGS = new AccessLogMarshaller();

    private static Node node() {
        Node.Builder node = Node.newBuilder().setId("sidecar-1").setCluster("c");
        for (int i = 0; i < 700; i++) {
            node.addExtensions(Extension.newBuilder().setName("envoy.extension." + i));
        }
        return node.build();
    }

    private static LoadReportMarshaller.Message load(byte[] bytes) {
        return LOADS.parse(new ByteArrayInputStream(bytes));
    }

    /** What an access-log message was read as. */
    private record Log(String node, List<ByteString> entries, String problem) {}

    private static Log log(byte[] bytes) {
        List<String> nodes = new ArrayList<>();
        List<ByteString> entries = new ArrayList<>();
        String problem = LOGS.parse(new ByteArrayInputStream(bytes)).read(new AccessLogMarshaller.Reader() {
            @Override
            public boolean node(String id) {
                return nodes.add(id);
            }

            @Override
            public boolean entry(ByteString entry) {
                return entries.add(entry);
            }
        });
        return new Log(nodes.isEmpty() ? "" : nodes.get(0), entries, problem);
    }

    @Test
    void a_load_report_is_read_but_for_the_rest_of_its_node() {
        ClusterStats stats = ClusterStats.newBuilder()
                .setClusterName("chat|a")
                .setTotalDroppedRequests(3)
                .build();
        LoadStatsRequest report = LoadStatsRequest.newBuilder()
                .setNode(node())
                .addClusterStats(stats)
                .addClusterStats(stats.toBuilder().setClusterName("chat|b"))
                .build();
        LoadReportMarshaller.Message read = load(report.toByteArray());
        assertThat(read.problem()).isEmpty();
        assertThat(read.node()).isEqualTo("sidecar-1");
        assertThat(read.clusters()).isEqualTo(report.getClusterStatsList());
    }

    @Test
    void a_node_need_not_begin_with_its_id() {
        Node late = Node.newBuilder().setUserAgentName("x").build();
        byte[] first = LoadStatsRequest.newBuilder().setNode(late).build().toByteArray();
        assertThat(load(first)).isEqualTo(new LoadReportMarshaller.Message("", List.of(), ""));
        byte[] user = late.toByteArray();
        byte[] id = Node.newBuilder().setId("late").build().toByteArray();
        byte[] swapped = new byte[2 + user.length + id.length];
        swapped[0] = 10;
        swapped[1] = (byte) (user.length + id.length);
        System.arraycopy(user, 0, swapped, 2, user.length);
        System.arraycopy(id, 0, swapped, 2 + user.length, id.length);
        assertThat(load(swapped).node()).isEqualTo("late");
    }

    @Test
    void a_load_report_has_an_end() {
        LoadStatsRequest.Builder many = LoadStatsRequest.newBuilder();
        for (int i = 0; i <= LoadReportMarshaller.MAX_CLUSTERS; i++) {
            many.addClusterStats(ClusterStats.newBuilder().setClusterName("c" + i));
        }
        assertThat(load(many.build().toByteArray()).problem()).isEqualTo("more than 4000 clusters");
        byte[] large = LoadStatsRequest.newBuilder()
                .addClusterStats(ClusterStats.newBuilder().setClusterName("x".repeat(LoadReportMarshaller.MAX_BYTES)))
                .build()
                .toByteArray();
        assertThat(load(large).problem()).isNotEmpty();
    }

    @Test
    void access_log_entries_are_handed_on_unread() throws Exception {
        StreamAccessLogsMessage.Builder message = StreamAccessLogsMessage.newBuilder();
        message.getIdentifierBuilder().setLogName("calls").setNode(node());
        HTTPAccessLogEntry.Builder entry = HTTPAccessLogEntry.newBuilder();
        entry.getRequestBuilder().setRequestId("a");
        message.getHttpLogsBuilder().addLogEntry(entry).addLogEntry(HTTPAccessLogEntry.getDefaultInstance());
        Log read = log(message.build().toByteArray());
        assertThat(read.problem()).isEmpty();
        assertThat(read.node()).isEqualTo("sidecar-1");
        assertThat(read.entries()).hasSize(2);
        assertThat(HTTPAccessLogEntry.parseFrom(read.entries().get(0))).isEqualTo(entry.build());
    }

    @Test
    void access_log_messages_have_an_end_and_what_came_before_it_is_kept() {
        StreamAccessLogsMessage.Builder message = StreamAccessLogsMessage.newBuilder();
        for (int i = 0; i <= AccessLogMarshaller.MAX_ENTRIES; i++) {
            message.getHttpLogsBuilder().addLogEntry(HTTPAccessLogEntry.getDefaultInstance());
        }
        Log read = log(message.build().toByteArray());
        assertThat(read.problem()).isEqualTo("more than 100000 entries");
        assertThat(read.entries()).hasSize(AccessLogMarshaller.MAX_ENTRIES);
    }

    @Test
    void damage_is_a_problem_that_is_told_and_never_thrown() {
        byte[] report = LoadStatsRequest.newBuilder()
                .setNode(Node.newBuilder().setId("sidecar-1"))
                .addClusterStats(ClusterStats.newBuilder().setClusterName("chat|a"))
                .build()
                .toByteArray();
        StreamAccessLogsMessage.Builder message = StreamAccessLogsMessage.newBuilder();
        message.getIdentifierBuilder().setNode(Node.newBuilder().setId("sidecar-1"));
        message.getHttpLogsBuilder().addLogEntry(HTTPAccessLogEntry.getDefaultInstance());
        byte[] logs = message.build().toByteArray();
        Random random = new Random(1);
        int told = 0;
        for (int i = 0; i < 20_000; i++) {
            told += load(damaged(report, random)).problem().isEmpty() ? 0 : 1;
            told += log(damaged(logs, random)).problem().isEmpty() ? 0 : 1;
        }
        assertThat(told).isGreaterThan(1_000);
    }

    private static byte[] damaged(byte[] whole, Random random) {
        byte[] bytes = Arrays.copyOf(whole, random.nextInt(whole.length) + 1);
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        return bytes;
    }
}
