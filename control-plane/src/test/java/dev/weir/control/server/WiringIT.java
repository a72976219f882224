package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import dev.weir.control.config.ConfigFeed;
import dev.weir.control.config.MemorySource;
import dev.weir.v1.CollectRequest;
import dev.weir.v1.CollectResponse;
import dev.weir.v1.CollectorGrpc;
import dev.weir.xds.telemetry.FileId;
import dev.weir.xds.testing.EnvoyProcess;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.core.v3.RequestMethod;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterStats;
import io.envoyproxy.envoy.config.endpoint.v3.UpstreamLocalityStats;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogCommon;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogType;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPAccessLogEntry;
import io.envoyproxy.envoy.service.accesslog.v3.AccessLogServiceGrpc;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsMessage;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsResponse;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.envoyproxy.envoy.service.load_stats.v3.LoadReportingServiceGrpc;
import io.envoyproxy.envoy.service.load_stats.v3.LoadStatsRequest;
import io.envoyproxy.envoy.service.load_stats.v3.LoadStatsResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A control plane as the composition root makes it, with something else at the far end of every wire: a sidecar and a
 * collector by the protocol alone, a configuration, a name service and clocks of the test's own. What one says must come
 * out where it belongs.
 */
@Timeout(60)
final class WiringIT {
    private static final Duration AHEAD = Duration.ofHours(5);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final MemorySource source;
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<DeltaDiscoveryResponse> pushed = new CopyOnWriteArrayList<>();

    WiringIT(@TempDir Path directory) {
        source = new MemorySource(directory);
    }

    private static <T> StreamObserver<T> into(List<? super T> list) {
        return new StreamObserver<>() {
            @Override
            public void onNext(T value) {
                list.add(value);
            }

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onCompleted() {}
        };
    }

    private ControlPlane start() throws IOException {
        source.text(
                "mesh",
                RunningMesh.object(
                                "Mesh",
                                "test",
                                "xds: {listen: '127.0.0.1:%d'}, admin: {listen: '127.0.0.1:%d'}, capacity: {source: file}"
                                        .formatted(EnvoyProcess.freePort(), EnvoyProcess.freePort()))
                        + RunningMesh.object(
                                "Provider",
                                "a",
                                "endpoint: {host: a.test, port: 80}, capacity: {workUnitsPerSecond: 10, slots: 4}")
                        + RunningMesh.object(
                                "ProviderPool",
                                "m",
                                "match: {model: m}, providers: [{provider: a}], admission: governed"));
        Outside outside = Outside.real()
                .withClock(() -> Instant.now().plus(AHEAD))
                .withNames(name -> new InetAddress[] {InetAddress.getByAddress(name, new byte[] {127, 7, 7, 7})});
        ConfigFeed feed = new ConfigFeed(source);
        assertThat(feed.first().problems()).isEmpty();
        return new ControlPlane(feed, outside);
    }

    private String get(ControlPlane plane, String path) throws IOException, InterruptedException {
        InetSocketAddress admin = plane.adminAddress();
        return http.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.getPort() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private JsonNode json(ControlPlane plane, String path) throws IOException, InterruptedException {
        return new JsonMapper().readTree(get(plane, path));
    }

    /** Sum over all labels. */
    private double metric(ControlPlane plane, String name) throws IOException, InterruptedException {
        return get(plane, "/metrics")
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static Node node() {
        return Node.newBuilder().setId("one").setCluster("consumer").build();
    }

    private static DeltaDiscoveryRequest subscribe(String type, String... names) {
        return DeltaDiscoveryRequest.newBuilder()
                .setNode(node())
                .setTypeUrl("type.googleapis.com/envoy.config." + type)
                .addAllResourceNamesSubscribe(List.of(names))
                .build();
    }

    /** The address of the pool's one endpoint, "" before there is one. */
    private String address() {
        String address = "";
        for (DeltaDiscoveryResponse response : pushed) {
            for (Resource resource : response.getResourcesList()) {
                if (resource.getResource().is(ClusterLoadAssignment.class)) {
                    try {
                        ClusterLoadAssignment endpoints = resource.getResource().unpack(ClusterLoadAssignment.class);
                        address = endpoints
                                .getEndpoints(0)
                                .getLbEndpoints(0)
                                .getEndpoint()
                                .getAddress()
                                .getSocketAddress()
                                .getAddress();
                    } catch (InvalidProtocolBufferException e) {
                        throw new IllegalStateException(e);
                    }
                }
            }
        }
        return address;
    }

    private static HTTPAccessLogEntry entry(
            AccessLogType type, String id, JsonNode decision, long price, Struct facts) {
        HTTPAccessLogEntry.Builder entry = HTTPAccessLogEntry.newBuilder();
        AccessLogCommon.Builder common = entry.getCommonPropertiesBuilder()
                .setAccessLogType(type)
                .setUpstreamRequestAttemptCount(1)
                .putCustomTags("pool", "m")
                .putCustomTags("epoch", decision.path("epoch").asText())
                .putCustomTags("provider", "a")
                .putCustomTags("price", Long.toString(price))
                .putCustomTags("price_epoch", "1")
                .putCustomTags("flags", "-");
        common.setStartTime(Timestamps.fromMillis(System.currentTimeMillis() + AHEAD.toMillis()))
                .setDuration(Durations.fromMillis(20))
                .setTimeToLastDownstreamTxByte(Durations.fromMillis(20))
                .setTimeToFirstDownstreamTxByte(Durations.fromMillis(10))
                .setTimeToLastUpstreamRxByte(Durations.fromMillis(20))
                .setTimeToFirstUpstreamRxByte(Durations.fromMillis(10));
        common.getMetadataBuilder().putFilterMetadata("envoy.filters.http.ext_authz", facts);
        entry.getRequestBuilder()
                .setRequestId(id)
                .setRequestMethod(RequestMethod.POST)
                .setPath("/v1/chat/completions")
                .putRequestHeaders("weir-attempt", "1")
                .setRequestBodyBytes(86);
        entry.getResponseBuilder()
                .setResponseCode(UInt32Value.of(200))
                .setResponseCodeDetails("via_upstream")
                .setResponseBodyBytes(76);
        return entry.build();
    }

    private static String line(String id, JsonNode decision, long price) {
        long micros = (System.currentTimeMillis() + AHEAD.toMillis()) * 1_000;
        return ("{\"type\":\"DownstreamEnd\",\"id\":\"%s\",\"attempt\":1,\"start\":\"%d.%06d\",\"duration_ms\":20,"
                        + "\"end_us\":20000,\"first_byte_us\":10000,\"pool\":\"m\",\"epoch\":\"%s\",\"provider\":\"a\","
                        + "\"price\":%d,\"price_epoch\":1,\"status\":200,\"details\":\"via_upstream\",\"flags\":\"-\","
                        + "\"method\":\"POST\",\"path\":\"/v1/chat/completions\",\"bytes_received\":86,\"bytes_sent\":76}\n")
                .formatted(
                        id,
                        micros / 1_000_000,
                        micros % 1_000_000,
                        decision.path("epoch").asText(),
                        price);
    }

    @Test
    void what_is_said_on_each_wire_comes_out_where_it_belongs() throws Exception {
        try (ControlPlane plane = start()) {
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", plane.xdsPort())
                    .usePlaintext()
                    .build();
            // discovery: the sidecar is known, and gets what the name service of the test said
            StreamObserver<DeltaDiscoveryRequest> discovery =
                    AggregatedDiscoveryServiceGrpc.newStub(channel).deltaAggregatedResources(into(pushed));
            discovery.onNext(subscribe("cluster.v3.Cluster"));
            discovery.onNext(subscribe("endpoint.v3.ClusterLoadAssignment", "m|a"));
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(address()).isEqualTo("127.7.7.7"));
            await().atMost(PATIENCE).until(() -> metric(plane, "weir_sidecars_connected") == 1);

            // load: to the loop
            StreamObserver<LoadStatsRequest> loads = LoadReportingServiceGrpc.newStub(channel)
                    .streamLoadStats(into(new CopyOnWriteArrayList<LoadStatsResponse>()));
            LoadStatsRequest.Builder report = LoadStatsRequest.newBuilder().setNode(node());
            report.addClusterStats(ClusterStats.newBuilder()
                    .setClusterName("m|a")
                    .setLoadReportInterval(Durations.fromMillis(250))
                    .addUpstreamLocalityStats(UpstreamLocalityStats.newBuilder()
                            .setTotalRequestsInProgress(3)
                            .setTotalIssuedRequests(3)));
            loads.onNext(report.build());
            await().atMost(PATIENCE).until(() -> {
                loads.onNext(report.build());
                return metric(plane, "weir_provider_in_flight") == 3;
            });
            assertThat(metric(plane, "weir_load_reports_total")).isPositive();

            // a check: to the picker, which hears of sidecars, gauges and the loop's decision
            AttributeContext.Builder attributes = AttributeContext.newBuilder()
                    .putContextExtensions("pool", "m")
                    .putContextExtensions("queue", "pool");
            attributes.getRequestBuilder().getHttpBuilder().putHeaders("x-request-id", "call-1");
            CheckResponse picked = AuthorizationGrpc.newBlockingStub(channel)
                    .check(CheckRequest.newBuilder().setAttributes(attributes).build());
            assertThat(picked.getOkResponse().getHeaders(0).getHeader().getKey())
                    .isEqualTo("weir-pick");
            assertThat(metric(plane, "weir_grants")).isEqualTo(1);

            // records: to the picker, the loop, the ledger, the latencies, the counters
            JsonNode decision = json(plane, "/v1/decision");
            long price =
                    (long) picked.getDynamicMetadata().getFieldsOrThrow("price").getNumberValue();
            StreamObserver<StreamAccessLogsMessage> logs = AccessLogServiceGrpc.newStub(channel)
                    .streamAccessLogs(into(new CopyOnWriteArrayList<StreamAccessLogsResponse>()));
            StreamAccessLogsMessage.Builder message = StreamAccessLogsMessage.newBuilder();
            message.getIdentifierBuilder().setNode(node()).setLogName("attempts");
            message.getHttpLogsBuilder()
                    .addLogEntry(
                            entry(AccessLogType.UpstreamEnd, "call-1", decision, price, picked.getDynamicMetadata()))
                    .addLogEntry(
                            entry(AccessLogType.DownstreamEnd, "call-1", decision, price, picked.getDynamicMetadata()));
            logs.onNext(message.build());
            await().atMost(PATIENCE).until(() -> metric(plane, "weir_grants") == 0);
            await().atMost(PATIENCE)
                    .until(() -> json(plane, "/v1/calls").toString().contains("call-1"));
            assertThat(get(plane, "/metrics")).contains("weir_records_total{kind=\"attempt\",source=\"stream\"} 1.0");
            await().atMost(PATIENCE).until(() -> get(plane, "/v1/providers").contains("p50"));

            // files: to the ledger, and what is young from there to the loop
            List<CollectResponse> answers = new CopyOnWriteArrayList<>();
            StreamObserver<CollectRequest> files =
                    CollectorGrpc.newStub(channel).collect(into(answers));
            ByteString lines = ByteString.copyFrom(line("call-2", decision, price), StandardCharsets.UTF_8);
            CollectRequest.Builder chunk = CollectRequest.newBuilder()
                    .setSidecar("one")
                    .setFileId(FileId.of(1, lines.asReadOnlyByteBuffer()).orElseThrow())
                    .setFileSize(lines.size());
            files.onNext(chunk.build());
            await().atMost(PATIENCE).until(() -> answers.size() == 1);
            files.onNext(chunk.setLines(lines).build());
            await().atMost(PATIENCE)
                    .until(() -> json(plane, "/v1/calls").toString().contains("call-2"));
            assertThat(get(plane, "/metrics")).contains("weir_records_total{kind=\"line\",source=\"file\"} 1.0");

            // what cannot be read: counted, and the rest goes on
            message.getHttpLogsBuilder().clearLogEntry().addLogEntry(HTTPAccessLogEntry.getDefaultInstance());
            logs.onNext(message.build());
            await().atMost(PATIENCE).until(() -> metric(plane, "weir_telemetry_rejected_total") == 1);

            // the test's clock is the one that decisions are dated by
            assertThat(Instant.parse(decision.path("releasedAt").asText()))
                    .isAfter(Instant.now().plus(AHEAD).minus(Duration.ofMinutes(2)));

            // a change of the configuration: to the loop
            source.text(
                    "b",
                    RunningMesh.object("Provider", "b", "endpoint: {host: b.test, port: 80}, capacity: {slots: 1}"));
            await().atMost(PATIENCE).until(() -> get(plane, "/v1/providers").contains("b.test"));

            channel.shutdownNow();
            await().atMost(PATIENCE).until(() -> metric(plane, "weir_sidecars_connected") == 0);
        }
    }
}
