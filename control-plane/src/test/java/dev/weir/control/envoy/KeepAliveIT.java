package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Providers that close idle connections about when the next request comes. */
@TestInstance(Lifecycle.PER_CLASS)
final class KeepAliveIT {
    private static final int IDLE_MILLIS = 200;
    private static final byte[] ANSWER =
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
                    .getBytes(StandardCharsets.US_ASCII);

    private final TestMesh mesh = new TestMesh();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private ServerSocket server;
    private Sidecar sidecar;

    @BeforeAll
    void start(@TempDir Path directory) throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
        Pool pool = Meshes.pool("m", new Match.Model("m"), "p");
        Config config = Meshes.config(Policy.WATER_FILLING, List.of(Meshes.provider("p", server.getLocalPort())), pool);
        sidecar = Sidecar.start(directory, "keep-alive", mesh.port());
        mesh.apply(config, Meshes.decision(1, Meshes.decided(pool, 1_000_000)), sidecar);
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = server.accept();
                threads.execute(() -> serve(socket));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private static void serve(Socket socket) {
        try (socket) {
            socket.setSoTimeout(IDLE_MILLIS);
            socket.setTcpNoDelay(true);
            InputStream in = socket.getInputStream();
            while (readRequest(in)) {
                socket.getOutputStream().write(ANSWER);
                socket.getOutputStream().flush();
            }
        } catch (SocketTimeoutException | SocketException e) {
            return; // idle for too long
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static boolean readRequest(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int c = in.read();
            if (c < 0) {
                return false;
            }
            head.append((char) c);
        }
        int at = head.indexOf("content-length: ") + "content-length: ".length();
        int length = Integer.parseInt(head.substring(at, head.indexOf("\r", at)));
        return in.readNBytes(length).length == length;
    }

    @AfterAll
    void stop() throws IOException {
        sidecar.close();
        mesh.close();
        server.close();
        threads.shutdownNow();
    }

    @Test
    void no_call_of_48_fails() throws Exception {
        List<Future<List<Integer>>> agents = java.util.stream.IntStream.range(0, 6)
                .mapToObj(i -> threads.submit(() -> agent(i)))
                .toList();
        for (Future<List<Integer>> agent : agents) {
            assertThat(agent.get()).containsOnly(200);
        }
    }

    private List<Integer> agent(int seed) throws InterruptedException {
        SplittableRandom random = new SplittableRandom(seed);
        List<Integer> statuses = new java.util.ArrayList<>();
        for (int call = 0; call < 8; call++) {
            statuses.add(sidecar.chat("m").status());
            Thread.sleep(IDLE_MILLIS - 5 + random.nextInt(10));
        }
        return statuses;
    }
}
