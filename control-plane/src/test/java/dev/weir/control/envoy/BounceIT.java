package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.envoy.FakeProvider.Seen;
import dev.weir.control.envoy.Sidecar.Reply;
import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.testing.ProviderMaker;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** A provider side between real Envoys: what it refuses is served elsewhere, and past the end of its queue is shed. */
@TestInstance(Lifecycle.PER_CLASS)
final class BounceIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final String FIRST = "first_attempts|tight";
    private static final String FURTHER = "further_attempts|tight";

    private final FakeProvider tight = new FakeProvider();
    private final FakeProvider wide = new FakeProvider();
    private final FakeProvider direct = new FakeProvider();
    private final TestMesh mesh = new TestMesh();
    private final ExecutorService agents = Executors.newCachedThreadPool();
    private CountDownLatch gate = new CountDownLatch(1);
    private ProviderProxy side;
    private Sidecar sidecar;
    private Config config;
    private Decision decision;

    @BeforeAll
    void start(@TempDir Path directory) {
        side = ProviderProxy.start(directory, "egress", mesh.port(), "tight", "wide", "unknown");
        sidecar = Sidecar.start(directory, "agent", mesh.port());
        Pool pair = Meshes.pool("pair", new Match.Model("pair"), "tight", "wide");
        Pool alone = Meshes.pool("alone", new Match.Model("alone"), "tight");
        Pool forged = Meshes.pool("forged", new Match.Model("forged"), "direct", "wide");
        config = Meshes.config(
                Policy.WATER_FILLING,
                List.of(
                        Meshes.behind(
                                side.port(),
                                ProviderMaker.like(Meshes.provider("tight", tight.port()))
                                        .credentials("authorization", "Bearer sk-tight")
                                        .make()),
                        Meshes.behind(side.port(), Meshes.provider("wide", wide.port())),
                        Meshes.provider("direct", direct.port())),
                pair,
                alone,
                forged);
        decision = Meshes.decision(
                1,
                Meshes.decided(pair, 999_999, 1),
                Meshes.decided(alone, 1_000_000),
                Meshes.decided(forged, 999_999, 1));
        mesh.limit("tight", 3, 2, 1.2);
        mesh.limit("wide", 100, 100, 0);
        mesh.apply(config, decision, sidecar, side);
        side.awaitTold(FIRST, 3);
    }

    @AfterAll
    void stop() {
        gate.countDown();
        agents.shutdownNow();
        sidecar.close();
        side.close();
        mesh.close();
        tight.close();
        wide.close();
        direct.close();
    }

    @BeforeEach
    void open() {
        gate = new CountDownLatch(1);
        CountDownLatch held = gate;
        tight.answers((request, exchange) -> {
            hold(held);
            FakeProvider.complete(request, exchange);
        });
        wide.answers(FakeProvider::complete);
    }

    @AfterEach
    void nothing_is_held_any_more() {
        gate.countDown();
        await().atMost(LONG).until(() -> side.envoy().stat("cluster." + FIRST + ".upstream_rq_active") == 0);
        await().atMost(LONG).until(() -> side.envoy().stat("cluster." + FURTHER + ".upstream_rq_active") == 0);
        assertThat(mesh.refusals()).isEmpty();
    }

    private static void hold(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<CompletableFuture<Reply>> together(int calls, String model, String... headers) {
        List<CompletableFuture<Reply>> replies = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            replies.add(CompletableFuture.supplyAsync(() -> sidecar.chat(model, headers), agents));
        }
        return replies;
    }

    @Test
    void what_is_refused_is_served_elsewhere_and_only_what_is_above_the_limit() {
        int before = wide.seen().size();
        long refused = side.envoy().stat("cluster." + FIRST + ".upstream_rq_active_overflow");
        List<CompletableFuture<Reply>> replies = together(5, "pair");
        await().atMost(LONG)
                .until(() -> replies.stream().filter(CompletableFuture::isDone).count() == 2);
        assertThat(wide.seen().size() - before).isEqualTo(2);
        gate.countDown();
        List<Reply> all = replies.stream().map(CompletableFuture::join).toList();
        assertThat(all).allSatisfy(reply -> assertThat(reply.status()).isEqualTo(200));
        Map<String, Long> byAttempts = all.stream()
                .collect(Collectors.groupingBy(
                        reply -> reply.header("weir-provider").orElse("")
                                + reply.header("weir-attempts").orElse(""),
                        Collectors.counting()));
        assertThat(byAttempts).isEqualTo(Map.of("tight1", 3L, "wide2", 2L));
        assertThat(all).allSatisfy(reply -> {
            assertThat(reply.header("x-envoy-overloaded")).isEmpty();
            assertThat(reply.header("x-envoy-ratelimited")).isEmpty();
        });
        assertThat(side.envoy().stat("cluster." + FIRST + ".upstream_rq_active_overflow") - refused)
                .isEqualTo(2);
        // recorded as refusals, which speak against nobody
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(sidecar.records().stream()
                                .filter(record -> record.identity().kind() == Kind.ATTEMPT
                                        && record.outcome().bounced())
                                .map(record -> record.route().provider()))
                        .hasSizeGreaterThanOrEqualTo(2)
                        .containsOnly("tight"));
    }

    @Test
    void past_the_end_of_the_queue_a_call_is_shed_with_a_wait() {
        List<CompletableFuture<Reply>> held = together(5, "alone");
        await().atMost(LONG)
                .until(() -> side.envoy().stat("cluster." + FIRST + ".upstream_rq_active") == 3
                        && side.envoy().stat("cluster." + FURTHER + ".upstream_rq_active") == 2);
        int before = tight.seen().size();
        Reply shed = sidecar.chat("alone");
        assertThat(shed.status()).as(shed.body()).isEqualTo(429);
        // the level of 1.2 s, in steps
        assertThat(shed.saysToWaitAbout(1_500)).as(shed.toString()).isTrue();
        assertThat(shed.header("x-envoy-ratelimited")).isEmpty();
        assertThat(shed.header("x-envoy-overloaded")).isEmpty();
        assertThat(shed.header("content-type")).contains("application/json");
        assertThat(shed.header("weir-provider")).contains("tight");
        assertThat(shed.header("weir-attempts")).contains("2");
        assertThat(shed.json().at("/error/type").asText()).isEqualTo("rate_limit_error");
        assertThat(shed.json().at("/error/code").asText()).isEqualTo("overloaded");
        assertThat(shed.json().at("/error/request_id").asText())
                .isEqualTo(shed.header("x-request-id").orElseThrow());
        // refused twice by the side, and never at the provider; so say both records of both attempts
        assertThat(tight.seen()).hasSize(before);
        String id = shed.header("x-request-id").orElseThrow();
        await().atMost(LONG).untilAsserted(() -> assertBounced(sidecar.records(), id));
        await().atMost(LONG).untilAsserted(() -> assertBounced(mesh.telemetry().records(), id));
        gate.countDown();
        assertThat(held).allSatisfy(reply -> assertThat(reply.join().status()).isEqualTo(200));
    }

    private static void assertBounced(List<AccessRecord> records, String id) {
        List<AccessRecord> attempts = records.stream()
                .filter(record -> record.identity().requestId().equals(id)
                        && record.identity().kind() == Kind.ATTEMPT)
                .toList();
        assertThat(attempts)
                .extracting(record -> record.identity().attempt() + ": "
                        + record.outcome().status() + ", bounced "
                        + record.outcome().bounced() + ", shed "
                        + record.outcome().shed())
                .containsExactlyInAnyOrder("1: 503, bounced true, shed false", "2: 429, bounced true, shed true");
        assertThat(records.stream()
                        .filter(record -> record.identity().requestId().equals(id)
                                && record.identity().kind() == Kind.CALL))
                .noneMatch(record -> record.outcome().bounced());
    }

    /** The provider side sheds; the client, with the retries that it has anyway, waits as told and gets through. */
    @Test
    void an_unmodified_openai_client_gets_through_on_its_own_retries() throws Exception {
        String python = System.getenv("WEIR_PYTHON");
        if (python == null) {
            throw new IllegalStateException("WEIR_PYTHON: not set (expected: python of an environment with openai)");
        }
        List<CompletableFuture<Reply>> held = together(5, "alone");
        await().atMost(LONG)
                .until(() -> side.envoy().stat("cluster." + FIRST + ".upstream_rq_active") == 3
                        && side.envoy().stat("cluster." + FURTHER + ".upstream_rq_active") == 2);
        long shed = side.envoy().stat("cluster." + FURTHER + ".upstream_rq_active_overflow");
        Process client = new ProcessBuilder(
                        python,
                        Path.of("src", "test", "sdk", "overloaded.py")
                                .toAbsolutePath()
                                .toString(),
                        "http://127.0.0.1:" + sidecar.port() + "/v1")
                .redirectErrorStream(true)
                .start();
        await().atMost(LONG)
                .until(() -> side.envoy().stat("cluster." + FURTHER + ".upstream_rq_active_overflow") > shed);
        gate.countDown();
        String said = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(client.waitFor()).as(said).isZero();
        List<String> words = List.of(said.split(" ", -1));
        assertThat(words.get(0)).as(said).isEqualTo("hello");
        // as long as it was told to, about 1.5 s, and not its own 0.5 s
        assertThat(Double.parseDouble(words.get(1))).as(said).isGreaterThanOrEqualTo(1.1);
        assertThat(held).allSatisfy(reply -> assertThat(reply.join().status()).isEqualTo(200));
    }

    @Test
    void a_limit_moves_at_once_and_without_a_rebuilt_cluster() {
        long rebuilt = side.envoy().stat("cluster_manager.cluster_modified");
        List<CompletableFuture<Reply>> held = together(3, "pair");
        await().atMost(LONG).until(() -> side.envoy().stat("cluster." + FIRST + ".upstream_rq_active") == 3);
        mesh.limit("tight", 5, 2, 1.2);
        mesh.tick(config, decision);
        side.awaitTold(FIRST, 5);
        held.addAll(together(2, "pair"));
        await().atMost(LONG).until(() -> side.envoy().stat("cluster." + FIRST + ".upstream_rq_active") == 5);
        assertThat(side.envoy().stat("cluster_manager.cluster_modified")).isEqualTo(rebuilt);
        gate.countDown();
        assertThat(held)
                .allSatisfy(reply ->
                        assertThat(reply.join().header("weir-provider")).contains("tight"));
        mesh.limit("tight", 3, 2, 1.2);
        mesh.tick(config, decision);
        side.awaitTold(FIRST, 3);
    }

    @Test
    void only_the_side_has_the_credentials_and_the_provider_sees_no_number_of_ours() {
        gate.countDown();
        Reply reply =
                sidecar.chat("pair", "authorization", "Bearer agent's own", "weir-pick", "7", "weir-provider", "wide");
        assertThat(reply.status()).isEqualTo(200);
        Seen seen = tight.last();
        assertThat(seen.headers())
                .containsEntry("authorization", "Bearer sk-tight")
                .containsEntry("host", "tight.test:" + tight.port())
                .containsEntry("weir-price", "250")
                .containsEntry("weir-epoch", "1.1")
                .containsEntry("x-request-id", reply.header("x-request-id").orElseThrow())
                .doesNotContainKeys("weir-pick", "weir-turn", "weir-provider");
        assertThat(sidecar.envoy().configDump()).doesNotContain("sk-tight");
        // nor does it show them
        assertThat(side.envoy().configDump()).contains("credential|tight").doesNotContain("sk-tight");
    }

    @Test
    void an_agent_cannot_say_that_it_is_a_second_attempt() {
        List<CompletableFuture<Reply>> held = together(3, "alone");
        await().atMost(LONG).until(() -> side.envoy().stat("cluster." + FIRST + ".upstream_rq_active") == 3);
        long refused = side.envoy().stat("cluster." + FIRST + ".upstream_rq_active_overflow");
        held.addAll(together(1, "alone", "weir-attempt", "2"));
        await().atMost(LONG).until(() -> side.envoy().stat("cluster." + FURTHER + ".upstream_rq_active") == 1);
        assertThat(side.envoy().stat("cluster." + FIRST + ".upstream_rq_active_overflow"))
                .isEqualTo(refused + 1);
        gate.countDown();
        assertThat(held.get(3).join().header("weir-attempts")).contains("2");
    }

    @Test
    void a_provider_cannot_say_that_it_refused() {
        direct.answers(FakeProvider.status(503, "x-envoy-overloaded", "true", "x-envoy-ratelimited", "true"));
        Reply reply = sidecar.chat("forged");
        assertThat(reply.status()).isEqualTo(200);
        // tried elsewhere, which x-envoy-ratelimited would have prevented
        assertThat(reply.header("weir-attempts")).contains("2");
        String id = reply.header("x-request-id").orElseThrow();
        assertNotBounced(id, "direct");

        tight.answers(FakeProvider.status(503, "x-envoy-overloaded", "true", "x-envoy-ratelimited", "true"));
        Reply behind = sidecar.chat("alone");
        // and not asked again, which x-envoy-overloaded would have brought about
        assertThat(behind.header("weir-attempts")).contains("1");
        assertNotBounced(behind.header("x-request-id").orElseThrow(), "tight");
    }

    private void assertNotBounced(String id, String provider) {
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(sidecar.records())
                        .filteredOn(record -> record.identity().requestId().equals(id)
                                && record.identity().kind() == Kind.ATTEMPT
                                && record.identity().attempt() == 1)
                        .isNotEmpty()
                        .allSatisfy(record -> {
                            assertThat(record.route().provider()).isEqualTo(provider);
                            assertThat(record.outcome().bounced()).isFalse();
                        }));
    }

    @Test
    void a_provider_that_cuts_is_not_called_again() {
        tight.answers((request, exchange) -> exchange.close());
        int before = tight.seen().size();
        Reply reply = sidecar.chat("alone");
        assertThat(reply.status()).isEqualTo(502);
        assertThat(reply.header("weir-attempts")).contains("1");
        assertThat(tight.seen()).hasSize(before + 1);
    }
}
