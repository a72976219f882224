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
import dev.weir.control.testing.ProviderMaker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Providers that refuse {@code stream_options}, which the mesh adds to streams. Every test has a sidecar of its own: it learns. */
final class UsageOptionIT {
    private static final String PATH = "/v1/chat/completions";
    private static final String REST = "\"stream\":true,\"messages\":[{\"content\":\"stream_options\"}]}";

    private final FakeProvider strict = new FakeProvider();
    private final FakeProvider other = new FakeProvider();
    private final TestMesh mesh = new TestMesh();
    private Sidecar sidecar;

    @BeforeEach
    void start(@TempDir Path directory) {
        Pool solo = Meshes.pool("solo", new Match.Model("solo"), "strict");
        Pool pair = Meshes.pool("pair", new Match.Model("pair"), "strict", "other");
        Pool never = Meshes.pool("never", new Match.Model("never"), "never");
        Pool once = PoolMaker.pool("once", new Match.Model("once"), "strict")
                .retries(0)
                .make();
        Pool quiet = PoolMaker.pool("quiet", new Match.Model("quiet"), "strict")
                .retries(new Retries(1, Set.of(), Set.of()))
                .make();
        Pool after = Meshes.pool("after", new Match.Model("after"), "never", "other");
        Pool named = PoolMaker.pool("named", new Match.Model("named"))
                .members(List.of(new Member("strict", Optional.of("their-name"), false)))
                .make();
        Config config = Meshes.config(
                Policy.WATER_FILLING,
                List.of(
                        Meshes.provider("strict", strict.port()),
                        Meshes.provider("other", other.port()),
                        ProviderMaker.like(Meshes.provider("never", strict.port()))
                                .unasked()
                                .make()),
                solo,
                pair,
                never,
                once,
                quiet,
                after,
                named);
        strict.answers(UsageOptionIT::refusesTheOption);
        sidecar = Sidecar.start(directory, "usage-option", mesh.port());
        mesh.apply(
                config,
                Meshes.decision(
                        1,
                        Meshes.decided(solo, 1_000_000),
                        Meshes.decided(pair, 999_999, 1),
                        Meshes.decided(never, 1_000_000),
                        Meshes.decided(once, 1_000_000),
                        Meshes.decided(quiet, 1_000_000),
                        Meshes.decided(after, 999_999, 1),
                        Meshes.decided(named, 1_000_000)),
                sidecar);
    }

    @AfterEach
    void stop() {
        assertThat(mesh.refusals()).isEmpty();
        sidecar.close();
        mesh.close();
        strict.close();
        other.close();
    }

    private static void refusesTheOption(FakeProvider.Seen request, HttpExchange exchange) throws IOException {
        FakeProvider.Answer answer =
                request.body().contains("\"stream_options\":") ? FakeProvider.status(422) : FakeProvider::complete;
        answer.to(request, exchange);
    }

    private static String stream(String model) {
        return "{\"model\":\"" + model + "\"," + REST;
    }

    private Reply served(String model, String provider, String attempts) {
        Reply reply = sidecar.post(PATH, stream(model));
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        assertThat(reply.body()).endsWith("data: [DONE]\n\n");
        assertThat(reply.header("weir-provider")).contains(provider);
        assertThat(reply.header("weir-attempts")).contains(attempts);
        assertThat(reply.header("weir-option-refused")).isEmpty();
        return reply;
    }

    @Test
    void the_only_provider_is_asked_once_more_without_and_not_asked_again() {
        served("solo", "strict", "2");
        assertThat(strict.last().body()).isEqualTo(stream("solo"));
        for (int i = 0; i < 5; i++) {
            served("solo", "strict", "1");
            assertThat(strict.last().body()).isEqualTo(stream("solo"));
        }
        assertThat(strict.seen()).hasSize(7);
    }

    @Test
    void a_provider_that_is_never_asked_gets_every_byte_as_the_agent_wrote_it() {
        for (String body : List.of(
                stream("never"),
                "\n {  }".replace("}", "\"model\":\"never\"," + REST),
                "{\"stream_options\" : {\"include_usage\": false, \"x\":[1]} ,\"model\":\"never\"," + REST,
                "{\"stream_options\":null,\"model\":\"never\"," + REST)) {
            assertThat(sidecar.post(PATH, body).status()).isIn(200, 422);
            assertThat(strict.last().body()).isEqualTo(body);
        }
        assertThat(strict.seen())
                .as("422 to what the agent wrote itself is the agent's")
                .hasSize(4);
    }

    @Test
    void what_the_agent_asks_for_itself_passes_and_is_its_own_to_be_refused() {
        String asks = "{\"stream_options\":{\"include_usage\":true},\"model\":\"solo\"," + REST;
        Reply reply = sidecar.post(PATH, asks);
        assertThat(reply.status()).isEqualTo(422);
        assertThat(reply.header("weir-attempts")).contains("1");
        assertThat(strict.last().body()).isEqualTo(asks);
        served("solo", "strict", "2");
        assertThat(sidecar.post(PATH, asks).status()).isEqualTo(422);
        assertThat(strict.last().body()).isEqualTo(asks);
    }

    @Test
    void of_several_the_next_one_helps_and_the_refusing_one_is_learnt() {
        served("pair", "other", "2");
        served("pair", "strict", "1");
        served("pair", "strict", "1");
        assertThat(strict.seen()).hasSize(3);
    }

    @Test
    void where_all_refuse_no_call_fails() {
        other.answers(UsageOptionIT::refusesTheOption);
        served("pair", "other", "2");
        served("pair", "strict", "1");
    }

    @Test
    void an_attempt_after_one_without_is_whole_again() {
        strict.answers(FakeProvider.status(503));
        Reply reply = served("after", "other", "2");
        assertThat(reply.body()).doesNotContain("\"choices\":[]");
        assertThat(other.last().json().at("/stream_options/include_usage").asBoolean())
                .isTrue();
    }

    @Test
    void whatever_is_tried_again_the_option_is() {
        served("quiet", "strict", "2");
    }

    @Test
    void without_retries_one_call_fails() {
        Reply reply = sidecar.post(PATH, stream("once"));
        assertThat(reply.status()).isEqualTo(422);
        assertThat(reply.header("weir-option-refused")).isEmpty();
        served("once", "strict", "1");
        served("once", "strict", "1");
    }

    @Test
    void a_renamed_model_and_the_option_go_together() {
        served("named", "strict", "2");
        assertThat(strict.last().body()).isEqualTo(stream("named").replace("\"named\"", "\"their-name\""));
    }

    @Test
    void an_agents_mistakes_do_not_end_the_counting() {
        strict.answers(FakeProvider.status(400));
        for (int i = 0; i < 4; i++) {
            assertThat(sidecar.post(PATH, stream("solo")).status()).isEqualTo(400);
        }
        strict.answers(FakeProvider::complete);
        served("solo", "strict", "1");
        assertThat(strict.last().json().at("/stream_options/include_usage").asBoolean())
                .isTrue();

        strict.answers(FakeProvider.status(400));
        int before = strict.seen().size();
        Reply known = sidecar.post(PATH, stream("solo"));
        assertThat(known.header("weir-attempts"))
                .as("it takes the option: the agent's mistake")
                .contains("1");
        assertThat(strict.seen()).hasSize(before + 1);
    }
}
