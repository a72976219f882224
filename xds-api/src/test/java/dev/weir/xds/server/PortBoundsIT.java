package dev.weir.xds.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.xds.bounds.ByteBudget;
import dev.weir.xds.telemetry.AccessLogService;
import dev.weir.xds.telemetry.ReportPace;
import dev.weir.xds.testing.RawClient;
import dev.weir.xds.testing.RecordedTelemetry;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whoever opens more than there is room for is turned away at once, and the others are served. */
final class PortBoundsIT {
    private static final String HEALTH = "grpc.health.v1.Health/Check";
    private static final String ALS = "envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs";
    private static final Duration LONG = Duration.ofSeconds(20);

    private final List<Socket> sockets = new ArrayList<>();
    private XdsServer server;

    @BeforeEach
    void start() throws IOException {
        server = XdsServer.start(
                new InetSocketAddress("0.0.0.0", 0),
                List.of(new AccessLogService(
                        new RecordedTelemetry(), new ReportPace(Duration.ofSeconds(1), System::nanoTime))),
                new ByteBudget(ByteBudget.MIN),
                new PortBounds(20, 30, 20));
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        server.close();
    }

    /** From one of the addresses of this machine, which are all of 127.0.0.0/8. */
    private Socket connect(String from) throws IOException {
        Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), server.port(), InetAddress.getByName(from), 0);
        socket.setSoTimeout(
                50); // each is asked twice: all of it within the server's patience with those who say nothing
        sockets.add(socket);
        return socket;
    }

    private static boolean open(Socket socket) {
        try {
            while (socket.getInputStream().read() >= 0) {
                // the server's preface
            }
            return false;
        } catch (java.net.SocketTimeoutException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void awaitOpen(int count) {
        await().atMost(LONG)
                .until(() -> sockets.stream().filter(PortBoundsIT::open).count() == count);
    }

    private boolean serves() {
        try (RawClient client = new RawClient(server.port())) {
            return client.open(HEALTH).send(new byte[0]).halfClose().end().isOk();
        }
    }

    @Test
    void one_address_gets_half_and_the_port_has_an_end() throws IOException {
        for (int i = 0; i < 15; i++) {
            connect("127.0.0.2");
        }
        awaitOpen(10);
        assertThat(serves()).isTrue();
        for (int i = 0; i < 15; i++) {
            connect("127.0.0.3");
        }
        awaitOpen(20);
        assertThat(serves()).isFalse();
        for (Socket socket : sockets) {
            socket.close();
        }
        await().atMost(LONG).until(this::serves);
    }

    @Test
    void streams_have_an_end_and_who_is_beyond_it_is_told() throws IOException {
        try (RawClient one = new RawClient(server.port());
                RawClient two = new RawClient(server.port())) {
            List<RawClient.Stream> streams = new ArrayList<>();
            for (int i = 0; i < 15; i++) {
                streams.add(one.open(ALS));
                streams.add(two.open(ALS));
            }
            Status end = await().atMost(LONG)
                    .until(() -> one.open(HEALTH).send(new byte[0]).halfClose().end(), status -> !status.isOk());
            assertThat(end.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(end.getDescription()).isEqualTo("one stream more than 30");
            streams.forEach(RawClient.Stream::cancel);
            await().atMost(LONG).until(this::serves);
        }
    }

    @Test
    void bounds_follow_heap_and_descriptors() {
        PortBounds small = PortBounds.of(64 << 20, 1 << 20);
        assertThat(small.connections()).isEqualTo(1_365);
        assertThat(small.streams()).isEqualTo(8_192);
        assertThat(small.streamsPerConnection()).isEqualTo(4_096);
        assertThat(PortBounds.of(64 << 20, 160).connections()).isEqualTo(64);
        assertThat(PortBounds.of(1L << 40, Long.MAX_VALUE)).isEqualTo(new PortBounds(16_384, 131_072, 32_768));
    }
}
