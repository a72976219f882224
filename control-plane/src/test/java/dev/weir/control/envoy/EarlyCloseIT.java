package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.Sidecar.Reply;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A provider that ends the connection while a large body is still on its way. */
@TestInstance(Lifecycle.PER_CLASS)
final class EarlyCloseIT {
    private static final String REFUSAL =
            "HTTP/1.1 413 Too Large\r\ncontent-type: application/json\r\ncontent-length: 23\r\n"
                    + "connection: close\r\n\r\n{\"error\":\"over 1000000\"}";

    private final TestMesh mesh = new TestMesh();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile Close close = Close.AT_ONCE;
    private ServerSocket server;
    private ProviderProxy side;
    private Sidecar sidecar;

    private enum Close {
        AT_ONCE,
        AFTER_ANSWER,
        /** As nginx does: reads on for a while after the answer. */
        LINGERING
    }

    @BeforeAll
    void start(@TempDir Path directory) throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
        side = ProviderProxy.start(directory, "side", mesh.port(), "behind");
        Pool direct = Meshes.pool("direct", new Match.Model("direct"), "direct");
        Pool behind = Meshes.pool("behind", new Match.Model("behind"), "behind");
        Config config = Meshes.config(
                Policy.WATER_FILLING,
                java.util.List.of(
                        Meshes.provider("direct", server.getLocalPort()),
                        Meshes.behind(side.port(), Meshes.provider("behind", server.getLocalPort()))),
                direct,
                behind);
        sidecar = Sidecar.start(directory, "early-close", mesh.port());
        mesh.apply(
                config,
                Meshes.decision(1, Meshes.decided(direct, 1_000_000), Meshes.decided(behind, 1_000_000)),
                sidecar,
                side);
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = server.accept();
                connections.incrementAndGet();
                threads.execute(() -> serve(socket));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.getInputStream().readNBytes(300);
            if (close != Close.AT_ONCE) {
                socket.getOutputStream().write(REFUSAL.getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().flush();
            }
            if (close == Close.LINGERING) {
                socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
            }
        } catch (SocketException e) {
            return; // the other side went first
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @AfterAll
    void stop() throws IOException {
        sidecar.close();
        side.close();
        mesh.close();
        server.close();
        threads.shutdownNow();
    }

    private Reply send(String pool, int bytes) {
        String body = "{\"model\":\"" + pool + "\",\"messages\":\"" + "x".repeat(bytes) + "\"}";
        return sidecar.post("/v1/chat/completions", body);
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct", "behind"})
    void who_closes_on_a_large_body_is_not_sent_it_again_by_the_agent(String pool) {
        close = Close.AT_ONCE;
        int before = connections.get();

        Reply reply = send(pool, 5_000_000);

        assertThat(reply.status()).isEqualTo(502);
        assertThat(reply.header("x-should-retry")).contains("false");
        assertThat(reply.json().at("/error/code").asText()).isEqualTo("provider_closed");
        assertThat(reply.json().at("/error/message").asText()).contains("a body of more than 1048576 bytes");
        // the pool's own retry of a cut; of what a side answers there is none in a pool of one
        assertThat(connections.get()).isEqualTo(before + (pool.equals("direct") ? 2 : 1));
    }

    @Test
    void who_closes_on_a_small_one_may_be_asked_again_by_its_client() {
        close = Close.AT_ONCE;
        Reply reply = send("direct", 10_000);
        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.header("x-should-retry")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct", "behind"})
    void an_answer_that_comes_before_the_body_is_over_reaches_the_agent(String pool) {
        close = Close.LINGERING;
        Reply reply = send(pool, 5_000_000);
        assertThat(reply.status()).isEqualTo(413);
        assertThat(reply.body()).contains("over 1000000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct", "behind"})
    void an_answer_that_a_reset_may_have_swallowed_is_there_or_said_to_be_missing(String pool) {
        close = Close.AFTER_ANSWER;
        for (int i = 0; i < 5; i++) {
            Reply reply = send(pool, 5_000_000);
            if (reply.status() == 413) {
                assertThat(reply.body()).contains("over 1000000");
            } else {
                assertThat(reply.status()).isEqualTo(502);
                assertThat(reply.header("x-should-retry")).contains("false");
            }
        }
    }
}
