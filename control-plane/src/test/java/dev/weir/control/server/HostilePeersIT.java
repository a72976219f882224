package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.xds.testing.RawClient;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.grpc.Status;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What strangers do to the ports of a control plane as its launcher starts it, with 160 descriptors: it goes on. */
final class HostilePeersIT {
    private static final String ADS = "envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";
    private static final String ALS = "envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs";
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private LaunchedControlPlane control;

    @BeforeEach
    void start() throws IOException {
        control = new LaunchedControlPlane(directory, 100, 160);
    }

    @AfterEach
    void it_serves_and_was_not_started_again() throws IOException {
        try (LaunchedControlPlane ending = control) {
            await().atMost(LONG).until(this::healthy);
            try (RawClient client = new RawClient(control.port())) {
                await().atMost(LONG)
                        .until(() -> client.open("grpc.health.v1.Health/Check")
                                .send(new byte[0])
                                .halfClose()
                                .end()
                                .isOk());
            }
            assertThat(ending.lives()).as(ending.output()).isTrue();
            assertThat(ending.output().lines().filter(line -> line.startsWith("\tat ")))
                    .as("traces")
                    .isEmpty();
            assertThat(ending.output().lines())
                    .hasSizeLessThan(500); // one for each profile that there is room for, twice
        }
    }

    private boolean healthy() {
        try {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + control.adminPort() + "/healthz"))
                    .timeout(Duration.ofSeconds(2))
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void bombs_of_gzip() {
        for (int i = 0; i < 6; i++) {
            try (RawClient client = new RawClient(control.port())) {
                Status end = client.openCompressed(ALS).send(new byte[31 << 20]).end();
                assertThat(end.getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
            }
        }
    }

    @Test
    void a_thousand_discovery_streams_with_a_profile_each() {
        List<RawClient> clients = new ArrayList<>();
        List<RawClient.Stream> streams = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            if (i % 100 == 0) {
                clients.add(new RawClient(control.port()));
            }
            RawClient client = clients.get(i / 100);
            streams.add(client.open(ADS).send(hello(i)));
        }
        assertThat(streams.get(999).end().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        await().atMost(LONG).until(this::healthy);
        clients.forEach(RawClient::close);
    }

    private static byte[] hello(int number) {
        Struct weir = Struct.newBuilder()
                .putFields(
                        "listen_port",
                        Value.newBuilder().setNumberValue(20_000 + number).build())
                .build();
        DeltaDiscoveryRequest.Builder hello =
                DeltaDiscoveryRequest.newBuilder().setTypeUrl("type.googleapis.com/envoy.config.listener.v3.Listener");
        hello.getNodeBuilder()
                .setId("stranger-" + number)
                .getMetadataBuilder()
                .putFields("weir", Value.newBuilder().setStructValue(weir).build());
        return hello.build().toByteArray();
    }

    @Test
    void more_idle_connections_than_there_are_descriptors() throws IOException {
        List<Socket> idle = new ArrayList<>();
        for (int i = 0; i < 220; i++) {
            open(control.port(), idle);
            open(control.adminPort(), idle);
        }
        // they have all that one address may have
        try (Socket another = new Socket("127.0.0.1", control.port())) {
            another.setSoTimeout(5_000);
            assertThat(another.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(control.lives()).as(control.output()).isTrue();
        for (Socket socket : idle) {
            socket.close();
        }
    }

    private void open(int port, List<Socket> idle) throws IOException {
        try {
            idle.add(new Socket("127.0.0.1", port));
        } catch (IOException e) {
            throw new IOException("connection " + idle.size() + ": " + control.output(), e);
        }
    }
}
