package dev.weir.control.envoy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import dev.weir.control.envoy.FakeProvider.Seen;
import dev.weir.control.envoy.Sidecar.Reply;
import dev.weir.control.model.Admission;
import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Pool.Member;
import dev.weir.control.testing.PoolMaker;
import dev.weir.xds.check.AnswerListener;
import dev.weir.xds.check.CheckAnswer;
import dev.weir.xds.check.CheckedRequest;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** A response of the Responses API is known to the provider that made it, and to nobody else. */
@TestInstance(Lifecycle.PER_CLASS)
final class FollowUpsIT {
    private static final String RESPONSES = "/v1/responses";
    private static final List<String> NAMES = List.of("a", "b", "c");

    private final Map<String, FakeProvider> providers = new TreeMap<>();
    private final Map<String, Maker> makers = new TreeMap<>();
    private final List<String> followed = new CopyOnWriteArrayList<>();
    private final List<Long> patience = new CopyOnWriteArrayList<>();
    private final AtomicInteger arrived = new AtomicInteger();
    private final TestMesh mesh = new TestMesh(this::check);
    private final Pool pool = Meshes.pool("m", new Match.Model("m"), "a", "b", "c");
    private final Pool renamed = PoolMaker.pool("n", new Match.Model("n"), "a")
            .members(List.of(new Member("b", Optional.of("n-at-b"), false), new Member("a", Optional.empty(), false)))
            .make();
    private final Pool governed = PoolMaker.pool("g", new Match.Model("g"), "a", "b", "c")
            .admission(Admission.governed(
                    Admission.OnUnavailable.CLOSED, new Admission.Queue.Pool(10, Duration.ofSeconds(30))))
            .make();
    private final Pool handed = PoolMaker.pool("h", new Match.Model("h"), "a", "b", "c")
            .admission(Admission.governed(
                    Admission.OnUnavailable.OPEN, new Admission.Queue.Pool(10, Duration.ofSeconds(30))))
            .make();
    private Config config;
    private Sidecar sidecar;
    private Sidecar other;

    private Decision decision(long sequence) {
        return Meshes.decision(
                sequence,
                Meshes.decided(pool, 400_000, 300_000, 300_000),
                Meshes.decided(renamed, 500_000, 500_000),
                Meshes.decided(governed, 400_000, 300_000, 300_000),
                Meshes.decided(handed, 400_000, 300_000, 300_000));
    }

    /** Everybody's first choice is b, unless what is followed up is another's. */
    private AnswerListener check(CheckedRequest check, Consumer<CheckAnswer> answer) {
        followed.add(check.follows());
        patience.add(check.patienceNanos());
        int place = check.follows().isEmpty() ? 1 : NAMES.indexOf(check.follows());
        answer.accept(new CheckAnswer.Pass(Map.of("weir-pick", Integer.toString(place)), Map.of()));
        return new AnswerListener() {
            @Override
            public void arrived() {
                arrived.incrementAndGet();
            }

            @Override
            public void left() {}
        };
    }

    /** What a provider does with responses: it keeps those that it made. */
    private static final class Maker implements FakeProvider.Answer {
        private final String name;
        private final Map<String, String> made = new ConcurrentHashMap<>();
        private final AtomicInteger number = new AtomicInteger();
        private volatile int unknown = 400;
        private volatile int busy;

        private Maker(String name) {
            this.name = name;
        }

        @Override
        public void to(Seen request, HttpExchange exchange) throws IOException {
            if (busy != 0) {
                FakeProvider.status(busy).to(request, exchange);
                return;
            }
            String[] path = request.path().split("[/?]", -1);
            if (path.length > 3 && path[2].equals("responses")) {
                boolean known = made.containsKey(path[3]);
                String said = "{\"id\":\"" + path[3] + "\",\"object\":\"response\",\"made_by\":\"" + name + "\"}";
                FakeProvider.respond(exchange, known ? 200 : 404, "application/json", known ? said : error(path[3]));
                return;
            }
            String previous = request.json().path("previous_response_id").asText("");
            if (!previous.isEmpty() && !made.containsKey(previous)) {
                FakeProvider.respond(exchange, unknown, "application/json", error(previous));
                return;
            }
            String id = "resp_" + name + number.incrementAndGet();
            made.put(id, previous);
            String object = "{\"id\":\"" + id + "\",\"object\":\"response\",\"made_by\":\"" + name + "\"";
            if (request.json().path("stream").asBoolean()) {
                FakeProvider.respond(
                        exchange,
                        200,
                        "text/event-stream",
                        "event: response.created\ndata: {\"type\":\"response.created\",\"response\":" + object
                                + "}}\n\nevent: response.completed\ndata: {\"type\":\"response.completed\",\"response\":"
                                + object
                                + ",\"usage\":{\"input_tokens\":1,\"output_tokens\":2,\"total_tokens\":3}}}\n\n");
            } else {
                FakeProvider.respond(
                        exchange,
                        200,
                        "application/json",
                        object + ",\"usage\":{\"input_tokens\":1,\"output_tokens\":2,\"total_tokens\":3}}");
            }
        }

        private static String error(String id) {
            return "{\"error\":{\"message\":\"Previous response with id '" + id
                    + "' not found.\",\"code\":\"previous_response_not_found\"}}";
        }
    }

    @BeforeAll
    void start(@TempDir Path first, @TempDir Path second) {
        for (String name : NAMES) {
            FakeProvider provider = new FakeProvider();
            providers.put(name, provider);
            makers.put(name, new Maker(name));
            provider.answers(makers.get(name));
        }
        config = Meshes.config(
                Policy.WATER_FILLING,
                NAMES.stream()
                        .map(name -> Meshes.provider(
                                name, requireNonNull(providers.get(name)).port()))
                        .toList(),
                pool,
                renamed,
                governed,
                handed);
        sidecar = Sidecar.start(first, "first", mesh.port());
        other = Sidecar.start(second, "second", mesh.port());
        for (Sidecar each : List.of(sidecar, other)) {
            mesh.apply(config, decision(1), each);
        }
    }

    @BeforeEach
    void answerAsUsual() {
        makers.values().forEach(maker -> {
            maker.unknown = 400;
            maker.busy = 0;
        });
    }

    @AfterEach
    void nothingWasRefused() {
        assertThat(mesh.refusals()).isEmpty();
    }

    @AfterAll
    void stop() {
        sidecar.close();
        other.close();
        mesh.close();
        providers.values().forEach(FakeProvider::close);
    }

    private static String body(String model, String previous, boolean stream) {
        return "{\"model\":\"" + model + "\",\"input\":\"hello\",\"stream\":" + stream
                + (previous.isEmpty() ? "" : ",\"previous_response_id\":\"" + previous + "\"") + "}";
    }

    private static String maker(Reply reply) {
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        String made = reply.body().replaceFirst("(?s).*\"made_by\":\"(\\w+)\".*", "$1");
        assertThat(reply.header("weir-provider")).contains(made);
        return made;
    }

    private static String id(Reply reply) {
        return reply.body().replaceFirst("(?s).*?\"id\":\"(\\w+)\".*", "$1");
    }

    @Test
    void twenty_conversations_of_three_turns_stay_with_their_makers_streamed_or_not() {
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            boolean stream = i % 2 == 0;
            Reply first = sidecar.post(RESPONSES, body("m", "", stream));
            Reply second = sidecar.post(RESPONSES, body("m", id(first), !stream));
            Reply third = sidecar.post(RESPONSES, body("m", id(second), stream));
            assertThat(List.of(maker(second), maker(third))).containsOnly(maker(first));
            assertThat(third.header("weir-attempts")).contains("1");
            seen.add(maker(first));
        }
        assertThat(seen).contains("a", "b", "c");
    }

    @Test
    void a_branch_goes_to_the_same_maker_and_another_model_of_his_too() {
        Reply first = sidecar.post(RESPONSES, body("n", "", false));
        for (int i = 0; i < 6; i++) {
            assertThat(maker(sidecar.post(RESPONSES, body("n", id(first), false))))
                    .isEqualTo(maker(first));
            assertThat(maker(sidecar.post(RESPONSES, body("m", id(first), false))))
                    .isEqualTo(maker(first));
        }
    }

    @Test
    void a_check_is_told_whom_a_request_follows_and_how_long_it_is_waited_for_and_of_its_answers_arrival() {
        followed.clear();
        patience.clear();
        int before = arrived.get();
        Reply first = sidecar.post(RESPONSES, body("m", "", false));
        makers.values().forEach(maker -> maker.unknown = 404);
        Reply picked = sidecar.post(RESPONSES, body("g", "", true));
        Reply second = sidecar.post(RESPONSES, body("g", id(picked), false));
        Reply moved = sidecar.post(RESPONSES, body("g", id(first), false));

        assertThat(List.of(maker(picked), maker(second))).containsOnly("b");
        assertThat(maker(moved)).isEqualTo(maker(first));
        assertThat(followed).containsExactly("", "b", maker(first));
        assertThat(patience)
                .as("what the queue holds and a margin")
                .allSatisfy(each ->
                        assertThat(Duration.ofNanos(each)).isBetween(Duration.ofSeconds(34), Duration.ofSeconds(35)));
        await().until(() -> arrived.get() == before + 3);
    }

    @Test
    void a_pool_that_is_handed_over_still_asks_for_follow_ups_and_hides_usage_on_every_way() {
        mesh.handOver("h");
        mesh.apply(config, decision(2), sidecar);
        try {
            followed.clear();
            patience.clear();
            for (int i = 0; i < 20; i++) {
                Reply first = sidecar.post(RESPONSES, body("h", "", false));
                assertThat(maker(sidecar.post(RESPONSES, body("h", id(first), false))))
                        .isEqualTo(maker(first));
            }
            assertThat(followed).filteredOn(name -> !name.isEmpty()).hasSize(20);
            assertThat(patience).allSatisfy(each -> assertThat(each).isBetween(0L, 50_000_000L));
            providers.values().forEach(provider -> provider.answers(FakeProvider::complete));
            followed.clear();
            for (int i = 0; i < 200; i++) {
                assertThat(sidecar.post("/v1/chat/completions", "{\"model\":\"h\",\"stream\":true}")
                                .body())
                        .endsWith("data: [DONE]\n\n")
                        .doesNotContain("total_tokens");
            }
            assertThat(followed).as("asked now and then").isNotEmpty().hasSizeLessThan(100);
            await().until(() -> sidecar.records().stream()
                            .filter(record -> record.answer().usage() != null
                                    && record.answer().usage().totalTokens() == 14)
                            .count()
                    == 200);
        } finally {
            makers.forEach((name, maker) -> requireNonNull(providers.get(name)).answers(maker));
        }
    }

    @Test
    void a_response_is_read_cancelled_and_deleted_where_it_was_made() {
        for (int i = 0; i < 6; i++) {
            Reply first = sidecar.post(RESPONSES, body("m", "", i % 2 == 0));
            String at = RESPONSES + "/" + id(first);
            assertThat(maker(sidecar.get(at))).isEqualTo(maker(first));
            assertThat(maker(sidecar.get(at + "/input_items?limit=2"))).isEqualTo(maker(first));
            assertThat(maker(sidecar.post(at + "/cancel", ""))).isEqualTo(maker(first));
            HttpRequest.Builder delete = sidecar.request(at).DELETE();
            assertThat(maker(sidecar.send(delete))).isEqualTo(maker(first));
        }
    }

    @Test
    void a_response_that_this_sidecar_did_not_see_is_looked_for_at_every_member() {
        for (int status : List.of(400, 404)) {
            makers.values().forEach(maker -> maker.unknown = status);
            for (int i = 0; i < 9; i++) {
                Reply first = other.post(RESPONSES, body("m", "", false));
                Reply second = sidecar.post(RESPONSES, body("m", id(first), false));
                assertThat(maker(second)).isEqualTo(maker(first));
                // from then on it is known where the conversation is
                Reply third = sidecar.post(RESPONSES, body("m", id(second), false));
                assertThat(third.header("weir-attempts")).contains("1");
                assertThat(maker(third)).isEqualTo(maker(first));
            }
        }
    }

    @Test
    void a_response_that_nobody_knows_is_refused_in_the_words_of_a_provider() {
        Reply reply = sidecar.post(RESPONSES, body("m", "resp_never", false));
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().at("/error/code").asText()).isEqualTo("previous_response_not_found");
        assertThat(reply.header("weir-attempts")).contains("3");

        Reply read = sidecar.get(RESPONSES + "/resp_never");
        assertThat(read.status()).isEqualTo(404);
        assertThat(read.json().at("/error/code").asText()).isEqualTo("response_not_found");
        assertThat(read.json().at("/error/message").asText()).contains("resp_never");
    }

    @Test
    void a_maker_that_is_busy_says_so_himself_since_nobody_else_can_help() {
        Reply first = sidecar.post(RESPONSES, body("m", "", false));
        requireNonNull(makers.get(maker(first))).busy = 429;
        Reply second = sidecar.post(RESPONSES, body("m", id(first), false));
        assertThat(second.status()).isEqualTo(429);
        assertThat(second.header("weir-attempts")).contains("1");
        assertThat(second.header("weir-provider")).contains(maker(first));
    }

    @Test
    void odd_ids_are_the_providers_to_refuse() {
        for (String odd :
                List.of("\"\"", "null", "7", "{}", "[\"resp_a1\"]", "\"" + "x".repeat(100_000) + "\"", "\"\\u0000\"")) {
            String body = "{\"model\":\"m\",\"input\":\"x\",\"previous_response_id\":" + odd + "}";
            Reply reply = sidecar.post(RESPONSES, body);
            assertThat(reply.status()).as(odd.length() > 20 ? "long" : odd).isIn(200, 400);
            assertThat(reply.header("weir-provider")).isPresent();
        }
        assertThat(sidecar.post(
                                RESPONSES,
                                "{\"model\":\"m\",\"previous_response_id\":\"a\",\"previous_response_id\":\"b\"}")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void what_is_remembered_is_bounded_and_the_newest_is_what_stays() {
        Reply first = sidecar.post(RESPONSES, body("m", "", false));
        for (int i = 0; i < 10_000; i++) {
            sidecar.post(RESPONSES, body("m", "", false));
        }
        Reply last = sidecar.post(RESPONSES, body("m", "", false));
        assertThat(maker(sidecar.post(RESPONSES, body("m", id(last), false)))).isEqualTo(maker(last));
        // forgotten: looked for, and found
        Set<String> attempts = new HashSet<>();
        for (int i = 0; i < 9; i++) {
            Reply found = sidecar.post(RESPONSES, body("m", id(first), false));
            assertThat(maker(found)).isEqualTo(maker(first));
            attempts.add(found.header("weir-attempts").orElse(""));
        }
        assertThat(attempts).hasSizeGreaterThan(1);
    }

    @Test
    void other_operations_do_not_look_for_it() {
        for (int i = 0; i < 6; i++) {
            Reply reply = sidecar.post(
                    "/v1/chat/completions",
                    "{\"model\":\"m\",\"messages\":[],\"previous_response_id\":\"resp_never\"}");
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.header("weir-attempts")).contains("1");
        }
    }
}
