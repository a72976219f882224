package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.envoy.Sidecar.Reply;
import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.testing.PoolMaker;
import dev.weir.xds.testing.EnvoyProcess;
import java.io.OutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sidecars and control planes that come and go, and providers that do. */
final class SidecarLifeIT {
    private final FakeProvider alpha = new FakeProvider();
    private final FakeProvider beta = new FakeProvider();

    @AfterEach
    void stop() {
        alpha.close();
        beta.close();
    }

    private Config config(Pool... pools) {
        return Meshes.config(
                Policy.WATER_FILLING,
                List.of(Meshes.provider("alpha", alpha.port()), Meshes.provider("beta", beta.port())),
                pools);
    }

    @Test
    void a_sidecar_starts_without_control_plane_and_finds_it_within_seconds(@TempDir Path directory) {
        int port = EnvoyProcess.freePort();
        Pool pool = Meshes.pool("m", new Match.Model("m"), "alpha");
        try (Sidecar sidecar = Sidecar.start(directory, "early", port)) {
            await().atMost(Duration.ofSeconds(30)).until(sidecar.envoy()::isReady);
            assertThat(sidecar.serves("1.1")).isFalse();
            try (TestMesh mesh = new TestMesh(port)) {
                // its back-off is a second at most; the rest is for a busy machine
                await().atMost(Duration.ofSeconds(5))
                        .until(() -> mesh.sidecars().size() == 1);
                mesh.apply(config(pool), Meshes.decision(1, Meshes.decided(pool, 1_000_000)), sidecar);
                assertThat(sidecar.chat("m").status()).isEqualTo(200);
            }
        }
    }

    @Test
    void without_control_plane_it_goes_on_and_takes_the_next_one(@TempDir Path directory) {
        Pool pool = Meshes.pool("m", new Match.Model("m"), "alpha", "beta");
        Decision first = Meshes.decision(1, Meshes.decided(pool, 1_000_000, 0));
        Decision second = Meshes.decision(2, Meshes.decided(pool, 0, 1_000_000));
        TestMesh mesh = new TestMesh();
        int port = mesh.port();
        try (Sidecar sidecar = Sidecar.start(directory, "orphan", port)) {
            mesh.apply(config(pool), first, sidecar);
            mesh.close();
            for (int i = 0; i < 20; i++) {
                assertThat(sidecar.chat("m").header("weir-provider")).contains("alpha");
            }
            try (TestMesh next = new TestMesh(port)) {
                await().atMost(Duration.ofSeconds(5))
                        .until(() -> next.sidecars().size() == 1);
                next.tick(config(pool), first);
                // the same content is not sent again
                await().until(() -> next.sidecars().get(0).types().size() == 4);
                assertThat(next.sidecars().get(0).types().values())
                        .allSatisfy(type -> assertThat(type.sent()).isZero());
                assertThat(sidecar.chat("m").header("weir-provider")).contains("alpha");
                next.apply(config(pool), second, sidecar);
                assertThat(sidecar.chat("m").header("weir-provider")).contains("beta");
            }
        }
    }

    @Test
    void sidecars_of_different_profiles_share_one_mesh(@TempDir Path one, @TempDir Path two) {
        Pool pool = Meshes.pool("m", new Match.Model("m"), "alpha");
        Decision decision = Meshes.decision(1, Meshes.decided(pool, 1_000_000));
        try (TestMesh mesh = new TestMesh();
                Sidecar first = Sidecar.start(one, "one", mesh.port())) {
            mesh.apply(config(pool), decision, first);
            // comes when nothing changes any more
            try (Sidecar second = Sidecar.start(two, "two", mesh.port())) {
                mesh.apply(config(pool), decision, second);
                assertThat(second.chat("m").status()).isEqualTo(200);
            }
            assertThat(first.chat("m").status()).isEqualTo(200);
            assertThat(mesh.refusals()).isEmpty();
        }
    }

    @Test
    void providers_join_and_leave_under_load_without_a_failed_call(@TempDir Path directory) throws Exception {
        Pool before = Meshes.pool("m", new Match.Model("m"), "alpha");
        Pool both = Meshes.pool("m", new Match.Model("m"), "alpha", "beta");
        Pool after = Meshes.pool("m", new Match.Model("m"), "beta");
        try (TestMesh mesh = new TestMesh();
                Sidecar sidecar = Sidecar.start(directory, "join", mesh.port())) {
            mesh.apply(config(before), Meshes.decision(1, Meshes.decided(before, 1_000_000)), sidecar);

            AtomicBoolean end = new AtomicBoolean();
            AtomicInteger calls = new AtomicInteger();
            CompletableFuture<List<Reply>> load = CompletableFuture.supplyAsync(() -> {
                List<Reply> failed = new java.util.ArrayList<>();
                while (!end.get()) {
                    Reply reply = sidecar.chat("m");
                    calls.incrementAndGet();
                    if (reply.status() != 200) {
                        failed.add(reply);
                    }
                }
                return failed;
            });
            long sequence = 2;
            for (int round = 0; round < 5; round++) {
                mesh.apply(config(both), Meshes.decision(sequence++, Meshes.decided(both, 500_000, 500_000)), sidecar);
                mesh.apply(config(after), Meshes.decision(sequence++, Meshes.decided(after, 1_000_000)), sidecar);
                mesh.apply(config(before), Meshes.decision(sequence++, Meshes.decided(before, 1_000_000)), sidecar);
                int seen = calls.get();
                await().until(() -> calls.get() > seen + 20);
            }
            end.set(true);
            assertThat(load.get()).isEmpty();
            assertThat(beta.seen()).isNotEmpty();
            assertThat(mesh.refusals()).isEmpty();
        }
    }

    @Test
    void a_provider_that_vanishes_ends_its_streams_first(@TempDir Path directory) throws Exception {
        Pool both = shortLived(Meshes.pool("m", new Match.Model("m"), "alpha", "beta"));
        Pool after = shortLived(Meshes.pool("m", new Match.Model("m"), "beta"));
        CountDownLatch finish = new CountDownLatch(1);
        alpha.answers((request, exchange) -> {
            exchange.getResponseHeaders().set("content-type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write("data: begun\n\n".getBytes(StandardCharsets.UTF_8));
                out.flush();
                try {
                    finish.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                out.write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
            }
        });
        try (TestMesh mesh = new TestMesh();
                Sidecar sidecar = Sidecar.start(directory, "vanish", mesh.port())) {
            mesh.apply(config(both), Meshes.decision(1, Meshes.decided(both, 1_000_000, 0)), sidecar);
            CompletableFuture<Reply> stream = CompletableFuture.supplyAsync(() -> sidecar.send(
                    sidecar.request("/v1/chat/completions").POST(BodyPublishers.ofString("{\"model\":\"m\"}"))));
            await().until(() -> alpha.seen().size() == 1);

            Decision decision = Meshes.decision(2, Meshes.decided(after, 1_000_000));
            mesh.apply(config(after), decision, sidecar);
            assertThat(sidecar.chat("m").header("weir-provider")).contains("beta");
            assertThat(clusters(sidecar)).contains("m|alpha::", "m|beta::");

            finish.countDown();
            assertThat(stream.get().body()).isEqualTo("data: begun\n\ndata: [DONE]\n\n");
            // 250 ms each: the longest stream, 30 s, and the wait for clusters pass in a moment
            await().until(() -> {
                for (int i = 0; i < 20; i++) {
                    mesh.tick(config(after), decision);
                }
                return !clusters(sidecar).contains("m|alpha::");
            });
            assertThat(sidecar.chat("m").status()).isEqualTo(200);
            assertThat(mesh.refusals()).isEmpty();
        }
    }

    @Test
    void a_sidecar_without_memory_sheds_like_everything_else_here(@TempDir Path directory) {
        Pool pool = Meshes.pool("m", new Match.Model("m"), "alpha");
        try (TestMesh mesh = new TestMesh();
                Sidecar sidecar =
                        Sidecar.start(directory, "small", mesh.port(), text -> text.replace("1073741824", "1048576"))) {
            await().until(() -> {
                mesh.tick(config(pool), Meshes.decision(1, Meshes.decided(pool, 1_000_000)));
                // the memory is measured every 250 ms
                return sidecar.envoy().admin("/listeners").contains("agents")
                        && sidecar.envoy().stat("overload.envoy.overload_actions.stop_accepting_requests.active") == 1;
            });
            Reply reply = sidecar.chat("m");

            assertThat(reply.status()).isEqualTo(429);
            assertThat(reply.header("retry-after-ms").orElse("")).matches("1[0-9]{2}1");
            assertThat(reply.header("retry-after")).contains("2");
            assertThat(reply.json().at("/error/code").asText()).isEqualTo("overloaded");
            assertThat(alpha.seen()).isEmpty();
        }
    }

    private static String clusters(Sidecar sidecar) {
        return sidecar.envoy().admin("/clusters");
    }

    private static Pool shortLived(Pool pool) {
        return PoolMaker.like(pool)
                .lasting(Duration.ofSeconds(30), Duration.ofSeconds(30))
                .make();
    }
}
