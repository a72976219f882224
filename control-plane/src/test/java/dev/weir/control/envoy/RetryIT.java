package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import dev.weir.control.envoy.Sidecar.Reply;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Pool.Member;
import dev.weir.control.model.Retries;
import dev.weir.control.testing.PoolMaker;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.testing.EnvoyProcess;
import dev.weir.xds.wire.LimitHeader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A provider that cannot, and the next one. */
@TestInstance(Lifecycle.PER_CLASS)
final class RetryIT {
    private final FakeProvider first = new FakeProvider();
    private final FakeProvider second = new FakeProvider();
    private final TestMesh mesh = new TestMesh();
    private Sidecar sidecar;

    @BeforeAll
    void start(@TempDir Path directory) {
        Pool pair = Meshes.pool("pair", new Match.Model("pair"), "first", "second");
        Pool dead = Meshes.pool("dead", new Match.Model("dead"), "closed", "second");
        Pool patient = PoolMaker.pool("patient", new Match.Model("patient"), "first", "second")
                .retries(1)
                .perTry(Duration.ofMillis(300))
                .make();
        Pool once = PoolMaker.pool("once", new Match.Model("once"), "first", "second")
                .retries(0)
                .make();
        Pool named = PoolMaker.pool("named", new Match.Model("named"))
                .members(List.of(
                        new Member("first", Optional.of("first \"name\" with a long tail"), false),
                        new Member("second", Optional.empty(), false)))
                .make();
        Pool renamed = PoolMaker.pool("renamed", new Match.Model("renamed"))
                .members(List.of(
                        new Member("first", Optional.empty(), false), new Member("second", Optional.of("s"), true)))
                .make();
        Pool solo = Meshes.pool("solo", new Match.Model("solo"), "first");
        Pool unreachable = Meshes.pool("unreachable", new Match.Model("unreachable"), "first", "nowhere");
        Pool closed = Meshes.pool("closed", new Match.Model("closed"), "closed");
        Pool batches = PoolMaker.pool("batches", new Match.PathPrefix("/v1/batches"), "first", "second")
                .operations("POST /v1/batches")
                .make();
        Pool choosy = PoolMaker.pool("choosy", new Match.Model("choosy"), "first", "second")
                .retries(new Retries(1, Set.of(Retries.Condition.RESET), Set.of(418)))
                .make();
        Pool failing = Meshes.pool("failing", new Match.Model("failing"), "first", "second");
        Pool falling = Meshes.pool("falling", new Match.Model("falling"), "closed", "nowhere");
        Config config = Meshes.config(
                Policy.WATER_FILLING,
                List.of(
                        Meshes.provider("first", first.port()),
                        Meshes.provider("second", second.port()),
                        Meshes.provider("closed", EnvoyProcess.freePort()),
                        Meshes.provider("nowhere", EnvoyProcess.freePort())),
                pair,
                dead,
                patient,
                once,
                named,
                renamed,
                solo,
                unreachable,
                closed,
                batches,
                choosy,
                failing,
                falling);
        sidecar = Sidecar.start(directory, "retry", mesh.port());
        mesh.apply(
                config,
                Meshes.decision(
                        1,
                        Meshes.decided(pair, 999_999, 1),
                        Meshes.decided(dead, 999_999, 1),
                        Meshes.decided(patient, 999_999, 1),
                        Meshes.decided(once, 999_999, 1),
                        Meshes.decided(named, 999_999, 1),
                        Meshes.decided(renamed, 1_000_000, 0),
                        Meshes.decided(solo, 1_000_000),
                        Meshes.decided(unreachable, 1_000_000, 0),
                        Meshes.decided(closed, 1_000_000),
                        Meshes.decided(batches, 999_999, 1),
                        Meshes.decided(choosy, 999_999, 1),
                        Meshes.decided(failing, 500_000, 500_000),
                        Meshes.decided(falling, 500_000, 500_000)),
                sidecar);
    }

    @BeforeEach
    void answerAsUsual() {
        first.answers(FakeProvider::complete);
        second.answers(FakeProvider::complete);
    }

    @AfterEach
    void nothingWasRefused() {
        assertThat(mesh.refusals()).isEmpty();
    }

    @AfterAll
    void stop() {
        sidecar.close();
        mesh.close();
        first.close();
        second.close();
    }

    @Test
    void a_429_and_a_503_are_tried_elsewhere_and_both_attempts_recorded() {
        for (int status : List.of(429, 503)) {
            first.answers(FakeProvider.status(status));

            Reply reply = sidecar.chat("pair");

            assertThat(reply.status()).isEqualTo(200);
            assertProvider(reply, "second", "2");
            List<AccessRecord> records = recordsOf(reply, 3);
            assertThat(records)
                    .filteredOn(record -> record.identity().kind() == Kind.ATTEMPT)
                    .extracting(
                            record -> record.identity().attempt(),
                            record -> record.route().provider(),
                            record -> record.outcome().status(),
                            record -> record.route().price())
                    .containsExactlyInAnyOrder(
                            org.assertj.core.groups.Tuple.tuple(1, "first", status, 250L),
                            org.assertj.core.groups.Tuple.tuple(2, "second", 200, 251L));
            assertThat(records)
                    .filteredOn(record -> record.identity().kind() == Kind.CALL)
                    .singleElement()
                    .satisfies(call -> {
                        assertThat(call.route().provider()).isEqualTo("second");
                        assertThat(call.identity().attempt()).isEqualTo(2);
                        assertThat(call.route().price()).isEqualTo(251);
                        assertThat(call.route().epoch()).isEqualTo("1.1");
                        assertThat(call.answer().usage()).isNotNull();
                    });
        }
    }

    @Test
    void what_a_refusal_says_of_quotas_is_in_the_record_of_the_attempt_that_was_tried_elsewhere() {
        first.answers((request, exchange) -> {
            exchange.getResponseHeaders().set("anthropic-ratelimit-requests-remaining", "0");
            exchange.getResponseHeaders().set("weir-refusal", "its/own");
            exchange.getResponseHeaders().set("retry-after", "17");
            FakeProvider.respond(exchange, 429, "application/json", """
                    {"error": {"message": "see \\"code\\":\\"none\\"", "type": "insufficient_quota", "param": null,
                     "code": "insufficient_quota"}}""");
        });
        second.answers((request, exchange) -> {
            exchange.getResponseHeaders().set("x-ratelimit-limit-tokens", "30000");
            FakeProvider.complete(request, exchange);
        });

        List<AccessRecord> records = recordsOf(sidecar.chat("pair"), 3);

        assertThat(records)
                .extracting(
                        record -> record.identity().kind(),
                        record -> record.route().provider(),
                        AccessRecord::limits)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple(
                                Kind.ATTEMPT,
                                "first",
                                Map.of(
                                        LimitHeader.REMAINING_REQUESTS,
                                        "0",
                                        LimitHeader.RETRY_AFTER,
                                        "17",
                                        LimitHeader.REFUSAL,
                                        "insufficient_quota/insufficient_quota")),
                        org.assertj.core.groups.Tuple.tuple(
                                Kind.ATTEMPT, "second", Map.of(LimitHeader.LIMIT_TOKENS, "30000")),
                        org.assertj.core.groups.Tuple.tuple(Kind.CALL, "second", Map.of()));
        // what no other provider is asked for reaches the agent as it came, but for the mesh's own header
        Reply last = sidecar.chat("once");
        assertThat(last.status()).isEqualTo(429);
        assertThat(last.json().at("/error/code").asText()).isEqualTo("insufficient_quota");
        assertThat(last.header("weir-refusal")).isEmpty();
    }

    @Test
    void a_refusal_whose_body_is_cut_held_back_or_no_json_is_tried_elsewhere_all_the_same() {
        first.answers((request, exchange) -> {
            exchange.sendResponseHeaders(429, 300);
            exchange.getResponseBody().write("{\"error\":{\"type\":".getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            if (request.body().contains("patient")) {
                pause(); // longer than a try may take
            }
            exchange.close();
        });
        assertProvider(sidecar.chat("pair"), "second", "2");
        assertProvider(sidecar.chat("patient"), "second", "2");
        for (String body :
                List.of("", "{", "no", "[{\"error\":{}}]", "\"error\":{\"code\": \"\u001b\"}", "x".repeat(20_000))) {
            first.answers((request, exchange) -> FakeProvider.respond(exchange, 429, "application/json", body));
            Reply reply = sidecar.chat("pair");
            assertProvider(reply, "second", "2");
            assertThat(recordsOf(reply, 3))
                    .as(body)
                    .allSatisfy(record -> assertThat(record.limits()).isEmpty());
        }
    }

    private static void pause() {
        try {
            Thread.sleep(1_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void a_provider_without_a_side_cannot_say_that_its_side_refused() {
        first.answers((request, exchange) -> {
            exchange.getResponseHeaders().set("x-envoy-overloaded", "true");
            FakeProvider.status(503).to(request, exchange);
        });
        Reply reply = sidecar.chat("pair");
        assertProvider(reply, "second", "2");
        assertThat(recordsOf(reply, 3)).noneMatch(record -> record.outcome().bounced());

        Reply last = sidecar.chat("once");
        assertThat(last.status()).isEqualTo(503);
        assertThat(last.header("x-envoy-overloaded")).isEmpty();
    }

    @Test
    void a_closed_port_is_tried_elsewhere() {
        assertProvider(sidecar.chat("dead"), "second", "2");
    }

    @Test
    void what_may_have_created_something_is_not_done_twice() {
        first.answers((request, exchange) -> exchange.close());
        int before = second.seen().size();

        Reply reply = sidecar.post("/v1/batches", "{}");

        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.header("weir-attempts")).contains("1");
        assertThat(reply.json().at("/error/type").asText()).isEqualTo("api_error");
        assertThat(second.seen()).hasSize(before);
    }

    @Test
    void a_completion_that_was_cut_before_it_began_is_tried_elsewhere() {
        first.answers((request, exchange) -> exchange.close());
        assertProvider(sidecar.chat("pair"), "second", "2");
    }

    @Test
    void with_a_limit_per_attempt_a_cut_and_a_silent_provider_are_tried_elsewhere() {
        first.answers((request, exchange) -> exchange.close());
        assertProvider(sidecar.chat("patient"), "second", "2");

        CountDownLatch end = new CountDownLatch(1);
        first.answers((request, exchange) -> hang(exchange, end));
        assertProvider(sidecar.chat("patient"), "second", "2");
        end.countDown();
    }

    @ParameterizedTest
    @ValueSource(ints = {307, 401, 402, 403, 404, 408, 500, 502, 504, 529})
    void what_one_provider_cannot_is_tried_elsewhere(int status) {
        first.answers(FakeProvider.status(status));

        Reply reply = sidecar.chat("pair");

        assertThat(reply.status()).isEqualTo(200);
        assertProvider(reply, "second", "2");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 409, 413, 422})
    void what_the_agent_did_wrong_is_the_agents_to_read(int status) {
        first.answers(FakeProvider.status(status));

        Reply reply = sidecar.chat("pair");

        assertThat(reply.status()).isEqualTo(status);
        assertProvider(reply, "first", "1");
    }

    @Test
    void what_is_absent_everywhere_is_a_providers_404() {
        first.answers(FakeProvider.status(404));
        second.answers(FakeProvider.status(404));

        Reply reply = sidecar.chat("pair");

        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.body()).contains("provider says 404");
        assertProvider(reply, "second", "2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"solo", "unreachable"})
    void the_only_provider_is_not_asked_again_for_what_it_said(String pool) {
        for (int status : List.of(401, 429, 500, 503, 529)) {
            first.answers(FakeProvider.status(status, "retry-after", "7"));
            int before = first.seen().size();

            Reply reply = sidecar.chat(pool);

            assertThat(reply.status()).isEqualTo(status);
            assertThat(reply.header("retry-after")).contains("7");
            assertProvider(reply, "first", "1");
            assertThat(first.seen()).hasSize(before + 1);
        }
    }

    @Test
    void the_only_provider_is_connected_to_again() {
        Reply reply = sidecar.chat("closed");

        assertThat(reply.status()).isEqualTo(503);
        assertProvider(reply, "closed", "2");
    }

    @Test
    void what_may_create_something_is_repeated_only_where_nothing_was_done() {
        first.answers(FakeProvider.status(500));
        Reply begun = sidecar.post("/v1/batches", "{}");
        assertThat(begun.status()).isEqualTo(500);
        assertProvider(begun, "first", "1");

        first.answers(FakeProvider.status(401));
        Reply refused = sidecar.post("/v1/batches", "{}");
        assertThat(refused.status()).isEqualTo(200);
        assertProvider(refused, "second", "2");
    }

    @Test
    void a_pool_says_itself_what_is_tried_again() {
        first.answers(FakeProvider.status(429));
        assertProvider(sidecar.chat("choosy"), "first", "1");
        first.answers(FakeProvider.status(418));
        assertProvider(sidecar.chat("choosy"), "second", "2");
        first.answers((request, exchange) -> exchange.close());
        assertProvider(sidecar.chat("choosy"), "second", "2");
    }

    @Test
    void one_answer_of_three_that_fails_costs_no_call() {
        for (int status : List.of(401, 500, 502, 503, 504, 529)) {
            AtomicInteger turn = new AtomicInteger();
            FakeProvider.Answer fails = FakeProvider.status(status);
            first.answers((request, exchange) -> (turn.incrementAndGet() % 3 == 0
                            ? fails
                            : (FakeProvider.Answer) FakeProvider::complete)
                    .to(request, exchange));
            for (int i = 0; i < 9; i++) {
                assertThat(sidecar.chat("pair").status()).as("%s", status).isEqualTo(200);
            }
            // two failures at least; a connection that a test before had closed may cost the provider a call
            assertThat(turn).hasValueGreaterThanOrEqualTo(6);
        }
    }

    @Test
    void without_retries_the_first_answer_counts() {
        first.answers(FakeProvider.status(503));

        Reply reply = sidecar.chat("once");

        assertThat(reply.status()).isEqualTo(503);
        assertProvider(reply, "first", "1");
    }

    @Test
    void when_all_refuse_the_last_answer_passes_as_it_is() {
        first.answers(FakeProvider.status(429, "retry-after-ms", "70"));
        second.answers(FakeProvider.status(429, "retry-after-ms", "90"));

        Reply reply = sidecar.chat("pair");

        assertThat(reply.status()).isEqualTo(429);
        assertThat(reply.header("retry-after-ms")).contains("90");
        assertThat(reply.body()).contains("provider says 429");
        assertProvider(reply, "second", "2");
    }

    private int attempts(String pool, int calls) {
        int attempts = 0;
        for (int i = 0; i < calls; i++) {
            attempts +=
                    Integer.parseInt(sidecar.chat(pool).header("weir-attempts").orElseThrow());
        }
        return attempts;
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 503})
    void where_all_fail_most_calls_are_not_tried_again_and_all_are_once_they_are_back(int status) {
        first.answers(FakeProvider.status(status));
        second.answers(FakeProvider.status(status));
        assertThat(attempts("failing", 300)).isBetween(301, 330);
        assertThat(attempts("failing", 20)).isEqualTo(20);
        second.answers(FakeProvider::complete);
        int served = 0;
        for (int i = 0; i < 600; i++) {
            served = sidecar.chat("failing").status() == 200 ? served + 1 : 0;
        }
        assertThat(served).as("calls in a row that were served").isGreaterThan(100);
        first.answers(FakeProvider::complete);
        assertThat(attempts("failing", 220)).as("and as many tenths are back").isEqualTo(220);
    }

    @Test
    void where_nobody_can_be_connected_to_most_calls_are_not_tried_again() {
        assertThat(attempts("falling", 300)).isBetween(301, 330);
    }

    @Test
    void what_agents_do_wrong_takes_nobodys_retries() {
        first.answers(FakeProvider.status(404));
        second.answers(FakeProvider.status(404));
        assertThat(attempts("pair", 40)).isEqualTo(80);
        first.answers(FakeProvider.status(503));
        second.answers(FakeProvider::complete);
        assertProvider(sidecar.chat("pair"), "second", "2");
    }

    @Test
    void fifty_refusals_at_once_are_all_tried_elsewhere() {
        first.answers(FakeProvider.status(503));

        List<Integer> statuses = java.util.stream.IntStream.range(0, 50)
                .parallel()
                .mapToObj(i -> sidecar.chat("pair").status())
                .toList();

        assertThat(statuses).containsOnly(200);
    }

    @Test
    void each_provider_gets_the_models_name_there_and_the_next_one_its_own() {
        String body =
                "{\"messages\":[{\"content\":\"\\\"model\\\":\\\"named\\\"\"}],\"tools\":[{\"model\":\"named\"}],\"model\" : \"named\"}";

        assertThat(sidecar.post("/v1/chat/completions", body).status()).isEqualTo(200);
        assertThat(first.last().body())
                .isEqualTo(
                        body.replace("\"model\" : \"named\"", "\"model\" : \"first \\\"name\\\" with a long tail\""));

        first.answers(FakeProvider.status(503));
        assertProvider(sidecar.post("/v1/chat/completions", body), "second", "2");
        assertThat(second.last().body()).isEqualTo(body);

        assertProvider(
                sidecar.post("/v1/chat/completions", body.replace("\"model\" : \"named\"", "\"model\":\"renamed\"")),
                "second",
                "2");
        assertThat(second.last().body()).endsWith("\"model\":\"s\"}");
    }

    @Test
    void a_large_body_is_renamed_and_sent_again_whole() {
        first.answers(FakeProvider.status(503));
        String head = "{\"messages\":[{\"content\":\"" + "x".repeat(5_000_000) + "\"}],\"model\":\"";

        assertProvider(sidecar.post("/v1/chat/completions", head + "renamed\"}"), "second", "2");

        assertThat(second.last().body()).isEqualTo(head + "s\"}");
    }

    private static void hang(HttpExchange exchange, CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        exchange.close();
    }

    private List<AccessRecord> recordsOf(Reply reply, int count) {
        return sidecar.records(reply.header("x-request-id").orElseThrow(), count);
    }

    private static void assertProvider(Reply reply, String provider, String attempts) {
        assertThat(reply.header("weir-provider")).as(reply.body()).contains(provider);
        assertThat(reply.header("weir-attempts")).contains(attempts);
    }
}
