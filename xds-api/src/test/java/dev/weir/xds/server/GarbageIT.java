package dev.weir.xds.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.testing.EnvoyProcess;
import dev.weir.xds.testing.RawClient;
import dev.weir.xds.testing.RecordedTelemetry.Rejection;
import dev.weir.xds.testing.TestControlPlane;
import dev.weir.xds.testing.TestResources;
import dev.weir.xds.testing.TestResources.Member;
import dev.weir.xds.testing.TestSidecar;
import io.envoyproxy.controlplane.cache.Resources;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterStats;
import io.envoyproxy.envoy.config.endpoint.v3.UpstreamLocalityStats;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogType;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPAccessLogEntry;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsMessage;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.load_stats.v3.LoadStatsRequest;
import io.grpc.Status;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a client sends: it is told why, it is counted, and the next sidecar is served. */
final class GarbageIT {
    private static final String ADS = "envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";
    private static final String LRS = "envoy.service.load_stats.v3.LoadReportingService/StreamLoadStats";
    private static final String ALS = "envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs";
    private static final String COLLECT = "weir.v1.Collector/Collect";
    private static final Node NODE = Node.newBuilder().setId("bad-1").build();
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final TestControlPlane control = new TestControlPlane(0);
    private final RawClient client = new RawClient(control.port());

    @AfterEach
    void the_next_sidecar_is_served() {
        SidecarProfile.Consumer profile =
                new SidecarProfile.Consumer("127.0.0.1", EnvoyProcess.freePort(), "weir-access.log");
        control.delivery()
                .publish(profile, TestResources.set(profile, "1.1", List.of(new Member("a", 1_000_000, 1, 1))));
        try (EnvoyProcess envoy = TestSidecar.start(directory, "good-1", profile, control.port())) {
            await().atMost(LONG).until(envoy::isReady);
            await().atMost(LONG)
                    .until(() -> control.telemetry().loads().stream()
                            .anyMatch(report -> report.node().equals("good-1")));
        }
        client.close();
        control.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {ADS, LRS, ALS, COLLECT})
    void random_bytes_end_their_stream_and_nothing_else(String method) {
        Random random = new Random(method.hashCode());
        for (int i = 0; i < 300; i++) {
            byte[] bytes = new byte[1 + random.nextInt(2_000)];
            random.nextBytes(bytes);
            Status end = client.open(method).send(bytes).halfClose().end();
            assertThat(end.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        }
        assertThat(control.telemetry().records()).isEmpty();
        assertThat(control.telemetry().rejections().size()
                        + control.events().events("rejected").size())
                .isEqualTo(300);
        assertThat(control.delivery().sidecars()).isEmpty();
    }

    @Test
    void a_health_check_that_cannot_be_read_is_refused_in_words() {
        byte[] groups = new byte[1_000];
        Arrays.fill(groups, (byte) 0x0b); // a thousand levels of an unknown group
        for (byte[] bytes : List.of(groups, new byte[] {1}, new byte[5_000])) {
            Status end = client.open("grpc.health.v1.Health/Check")
                    .send(bytes)
                    .halfClose()
                    .end();
            assertThat(end.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(end.getDescription()).contains("HealthCheckRequest of at most 4096 bytes");
        }
    }

    @Test
    void bytes_that_are_no_http2_end_their_connection() throws IOException {
        byte[] bytes = "GET / HTTP/1.1\r\nhost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), control.port())) {
            OutputStream out = socket.getOutputStream();
            out.write(bytes);
            out.flush();
            socket.setSoTimeout((int) LONG.toMillis());
            while (socket.getInputStream().read() >= 0) {
                // until the server ends it
            }
        }
    }

    @Test
    void the_other_protocols_of_discovery_are_not_served() {
        for (String method : List.of("AggregatedDiscoveryService/StreamAggregatedResources", "No/Such")) {
            Status end = client.open("envoy.service.discovery.v3." + method)
                    .send(new byte[0])
                    .end();
            assertThat(end.getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
        }
    }

    @Test
    void a_discovery_stream_must_say_who_it_is() {
        refused(request -> {}, "node.id: \"\" (expected: ");
        refused(request -> request.setNode(Node.newBuilder().setId("a b")), "node.id: \"a b\" (expected: ");
        refused(
                request ->
                        request.setNode(weir("listen_port", Value.newBuilder().setNumberValue(70_000))),
                "1-65535");
        refused(
                request ->
                        request.setNode(weir("listen_adress", Value.newBuilder().setStringValue("127.0.0.1"))),
                "node.metadata.weir: \"listen_adress\"");
        assertThat(control.events().events("rejected  node")).hasSize(4);
        assertThat(control.events().events("connected")).isEmpty();
    }

    @Test
    void a_discovery_stream_must_keep_to_the_protocol() {
        refused(request -> request.setNode(NODE).setTypeUrl("type.googleapis.com/no.such.Type"), "type_url: ");
        refused(request -> request.setNode(NODE).setResponseNonce("17"), "response_nonce: \"17\"");
        refused(
                request -> {
                    request.setNode(NODE);
                    for (int i = 0; i <= 10_000; i++) {
                        request.addResourceNamesSubscribe("r" + i);
                    }
                },
                "resource names: 10001 (expected: at most 10000)");
        refused(
                request -> request.setNode(NODE).addResourceNamesSubscribe("r".repeat(3 << 20)),
                "envoy.service.discovery.v3.DeltaDiscoveryRequest of at most 2097152 bytes");
        assertThat(control.events().events("rejected bad-1 request")).hasSize(3);
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(control.events().events("disconnected bad-1"))
                        .hasSize(3));
        assertThat(control.delivery().sidecars()).isEmpty();
    }

    @Test
    void there_is_an_end_to_the_profiles_that_sidecars_can_make_up() {
        List<RawClient> clients = new ArrayList<>();
        RawClient.Stream[] streams = new RawClient.Stream[1_024];
        for (int i = 0; i < streams.length; i++) {
            if (i % 100 == 0) {
                // over several connections
                clients.add(new RawClient(control.port()));
            }
            streams[i] = clients.get(i / 100).open(ADS).send(profile(i));
        }
        await().atMost(LONG).until(() -> control.delivery().sidecars().size() == streams.length);
        Status end = client.open(ADS).send(profile(streams.length)).end();
        assertThat(end.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(end.getDescription()).contains("at most 1024");
        // one leaves, one more fits
        streams[3].cancel();
        await().atMost(LONG).until(() -> control.delivery().sidecars().size() == streams.length - 1);
        client.open(ADS).send(profile(streams.length));
        await().atMost(LONG).until(() -> control.delivery().sidecars().size() == streams.length);
        clients.forEach(RawClient::close);
        await().atMost(LONG).until(() -> control.delivery().sidecars().size() == 1);
    }

    @Test
    void a_load_report_that_cannot_be_is_refused_and_what_is_right_in_one_is_kept() {
        ClusterStats.Builder good = ClusterStats.newBuilder().setClusterName("chat|a");
        good.getLoadReportIntervalBuilder().setSeconds(1);
        LoadStatsRequest.Builder report = LoadStatsRequest.newBuilder()
                .setNode(NODE)
                .addClusterStats(good)
                .addClusterStats(good.clone()
                        .setClusterName("chat|b")
                        .addUpstreamLocalityStats(
                                UpstreamLocalityStats.newBuilder().setTotalIssuedRequests(-1)))
                .addClusterStats(good.clone().setClusterName("other|c"))
                .addClusterStats(good.clone().setClusterName("xds"));
        client.open(LRS).send(report.build().toByteArray());
        await().atMost(LONG).until(() -> control.telemetry().loads().size() == 1);
        assertThat(control.telemetry().loads().get(0).clusters())
                .singleElement()
                .satisfies(load -> assertThat(load.cluster()).isEqualTo("chat|a"));
        assertThat(kinds()).containsExactlyInAnyOrder("load_range", "unknown_cluster");

        report.clearNode();
        assertThat(client.open(LRS).send(report.build().toByteArray()).end().getDescription())
                .startsWith("node.id");
        for (int i = 0; i < 5_000; i++) {
            report.addClusterStats(good);
        }
        report.setNode(NODE);
        assertThat(client.open(LRS).send(report.build().toByteArray()).end().getDescription())
                .isEqualTo("more than 4000 clusters");
        byte[] huge = LoadStatsRequest.newBuilder()
                .setNode(NODE.toBuilder().setUserAgentName("x".repeat(2 << 20)))
                .build()
                .toByteArray();
        assertThat(client.open(LRS).send(huge).end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        byte[] huger = new byte[40 << 20];
        assertThat(client.open(LRS).send(huger).end().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(control.telemetry().loads()).hasSize(1);
    }

    @Test
    void an_access_log_entry_that_is_no_record_is_counted_and_the_others_are_kept() {
        HTTPAccessLogEntry.Builder entry = HTTPAccessLogEntry.newBuilder();
        entry.getCommonPropertiesBuilder().setAccessLogTypeValue(99);
        StreamAccessLogsMessage.Builder message = StreamAccessLogsMessage.newBuilder();
        message.getIdentifierBuilder().setNode(NODE).setLogName("calls");
        message.getHttpLogsBuilder().addLogEntry(entry);
        RawClient.Stream stream = client.open(ALS).send(message.build().toByteArray());
        await().atMost(LONG).until(() -> kinds().equals(List.of("record_type")));

        message.clearIdentifier();
        entry.getCommonPropertiesBuilder().setAccessLogType(AccessLogType.DownstreamEnd);
        message.getHttpLogsBuilder().addLogEntry(entry);
        stream.send(message.build().toByteArray());
        await().atMost(LONG).until(() -> kinds().equals(List.of("record_type", "record_type", "record_no_id")));
        assertThat(client.open(ALS).send(message.build().toByteArray()).end().getDescription())
                .startsWith("identifier.node.id");
        assertThat(control.telemetry().rejections())
                .filteredOn(rejection -> rejection.kind().startsWith("record"))
                .extracting(Rejection::node)
                .containsOnly("bad-1");
    }

    private List<String> kinds() {
        return control.telemetry().rejections().stream().map(Rejection::kind).toList();
    }

    private void refused(Consumer<DeltaDiscoveryRequest.Builder> damage, String because) {
        DeltaDiscoveryRequest.Builder request =
                DeltaDiscoveryRequest.newBuilder().setTypeUrl(Resources.V3.CLUSTER_TYPE_URL);
        damage.accept(request);
        Status end = client.open(ADS).send(request.build().toByteArray()).end();
        assertThat(end.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(end.getDescription()).contains(because);
    }

    private static byte[] profile(int number) {
        return DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(Resources.V3.CLUSTER_TYPE_URL)
                .setNode(weir("listen_port", Value.newBuilder().setNumberValue(20_000 + number)))
                .build()
                .toByteArray();
    }

    private static Node weir(String key, Value.Builder value) {
        Struct weir = Struct.newBuilder().putFields(key, value.build()).build();
        return NODE.toBuilder()
                .setMetadata(Struct.newBuilder()
                        .putFields(
                                "weir", Value.newBuilder().setStructValue(weir).build()))
                .build();
    }
}
