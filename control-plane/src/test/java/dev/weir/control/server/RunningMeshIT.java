package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** What happens to a mesh while it runs: a backup locks its database, a secret is swapped, a sidecar dies. */
@TestInstance(Lifecycle.PER_CLASS)
final class RunningMeshIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    private Path directory;
    private GovernedMesh mesh;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        directory = folder;
        mesh = new GovernedMesh(folder, "queue: provider, onUnavailable: open", new int[] {4, 4}, 100, 2);
    }

    @AfterAll
    void stop() {
        mesh.close();
    }

    /** Makes calls until the control plane has said {@code words} since, and returns their ids. All must succeed. */
    private List<String> callUntilSaid(String words) throws Exception {
        long from = Files.size(mesh.log());
        List<String> ids = new ArrayList<>();
        await().atMost(LONG).until(() -> {
            HttpResponse<String> reply = mesh.call(0).get(30, TimeUnit.SECONDS);
            assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
            ids.add(reply.headers().firstValue("x-request-id").orElseThrow());
            String said = new String(Files.readAllBytes(mesh.log()), StandardCharsets.UTF_8);
            return said.substring((int) from).contains(words);
        });
        return ids;
    }

    private void assertStored(List<String> ids) {
        for (String id : ids) {
            await().atMost(LONG)
                    .ignoreExceptions()
                    .until(() ->
                            mesh.json("/v1/call?id=" + id).at("/call/status").asInt() == 200);
        }
    }

    /** The file log brings what storage could not take, as beside every sidecar. */
    private Process collector(int sidecar) throws IOException {
        Path own = directory.resolve("sidecar-" + sidecar);
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.weir.control.cli.Main",
                        "collect",
                        "--sidecar",
                        "consumer-" + sidecar,
                        "--log",
                        own.resolve("access.log").toString(),
                        "--control-plane",
                        "127.0.0.1:" + mesh.xdsPort())
                .redirectErrorStream(true)
                .redirectOutput(own.resolve("collector.log").toFile())
                .start();
    }

    @Test
    void a_database_that_is_locked_costs_no_call_and_no_record() throws Exception {
        Process collector = collector(0);
        try {
            List<String> ids = new ArrayList<>();
            try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + mesh.database());
                    Statement backup = other.createStatement()) {
                backup.execute("PRAGMA busy_timeout = 5000");
                backup.execute("BEGIN IMMEDIATE");
                ids.addAll(callUntilSaid("SQLITE_BUSY"));
                backup.execute("ROLLBACK");
            }
            assertStored(ids);
        } finally {
            collector.destroy();
            assertThat(collector.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** As Kubernetes does it: the files are behind a link, and another one takes its place. */
    @Test
    void a_secret_that_is_swapped_is_used_without_a_restart() throws Exception {
        HttpServer provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        provider.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            byte[] seen = String.valueOf(exchange.getRequestHeaders().getFirst("authorization"))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, seen.length);
            exchange.getResponseBody().write(seen);
            exchange.close();
        });
        provider.start();
        try {
            Path secrets = Files.createDirectories(directory.resolve("config/secrets"));
            Path link = secrets.resolve("..data");
            Files.createSymbolicLink(link, secret(secrets, "one"));
            Files.createSymbolicLink(secrets.resolve("key"), Path.of("..data/key"));
            mesh.write(
                    "keyed.yaml",
                    RunningMesh.provider(
                                    "keyed",
                                    provider.getAddress().getPort(),
                                    ", credentials: {prefix: 'Bearer ', valueFrom: {file: secrets/key}}")
                            + RunningMesh.object(
                                    "ProviderPool", "keyed", "match: {model: keyed}, providers: [{provider: keyed}]"));
            awaitBody("Bearer one");

            Path next = secrets.resolve("..data_tmp");
            Files.createSymbolicLink(next, secret(secrets, "two"));
            Files.move(next, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            awaitBody("Bearer two");
        } finally {
            provider.stop(0);
        }
    }

    private static Path secret(Path secrets, String value) throws IOException {
        Path folder = Files.createDirectory(secrets.resolve("..2026_" + value));
        Files.writeString(folder.resolve("key"), value + "\n");
        return folder.getFileName();
    }

    private void awaitBody(String body) {
        await().atMost(Duration.ofSeconds(20))
                .until(() ->
                        mesh.ask(0, "keyed").get(30, TimeUnit.SECONDS).body().equals(body));
    }

    /** A container that is stopped has ten seconds. What streams goes on; what comes meanwhile goes by the pushed split. */
    @Test
    void a_control_plane_that_is_told_to_end_takes_nobody_along() throws Exception {
        mesh.provider(0).setSpeed(0);
        mesh.provider(1).setSpeed(0);
        CompletableFuture<HttpResponse<String>> held = mesh.call(0);
        await().atMost(LONG).until(() -> mesh.metric("weir_provider_in_flight") == 1);

        mesh.controlPlane().destroy();

        assertThat(mesh.controlPlane().waitFor(8, TimeUnit.SECONDS)).isTrue();
        mesh.provider(0).setSpeed(1);
        mesh.provider(1).setSpeed(1);
        assertThat(held.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        for (int i = 0; i < 12; i++) {
            HttpResponse<String> reply = mesh.call(0).get(30, TimeUnit.SECONDS);
            assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
        }
        mesh.startControlPlane();
        await().atMost(LONG).until(() -> mesh.metric("weir_sidecars_connected") > 0);
    }

    @Test
    void the_load_of_a_sidecar_that_dies_is_forgotten() throws Exception {
        mesh.provider(0).setSpeed(0);
        mesh.provider(1).setSpeed(0);
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            calls.add(mesh.call(1));
        }
        await().atMost(LONG).until(() -> mesh.metric("weir_provider_in_flight") == 6);

        mesh.sidecar(1).kill();

        assertThat(calls).allSatisfy(call -> assertThat(call).failsWithin(10, TimeUnit.SECONDS));
        await().atMost(Duration.ofSeconds(20)).until(() -> mesh.metric("weir_provider_in_flight") == 0);
        await().atMost(Duration.ofSeconds(20)).until(() -> mesh.grants() == 0);
        mesh.provider(0).setSpeed(1);
        mesh.provider(1).setSpeed(1);
        assertThat(mesh.call(0).get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }
}
