package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weir.control.envoy.RawClient.Received;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Pool.Member;
import dev.weir.control.testing.PoolMaker;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.xds.telemetry.AccessRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The models that a sidecar tells of, among 400 pools, and pools of several models. */
@TestInstance(Lifecycle.PER_CLASS)
final class ModelsIT {
    private static final JsonMapper JSON = new JsonMapper();

    private final RawProvider provider = new RawProvider(RawProvider.whole(200, "application/json", "{\"own\":1}"));
    private final RawProvider other = new RawProvider(RawProvider.whole(200, "application/json", "{}"));
    private final TestMesh mesh = new TestMesh();
    private Sidecar sidecar;

    @BeforeAll
    void start(@TempDir Path directory) {
        List<Pool> pools = new ArrayList<>();
        for (String model : List.of("one", "meta-llama/Llama-3.1-8B", "größe 7b", "a+b%", "x\"y", "dir/")) {
            pools.add(Meshes.pool("p" + pools.size(), new Match.Model(model), "p"));
        }
        for (int i = pools.size(); i < 400; i++) {
            pools.add(Meshes.pool("p" + i, new Match.Model("model-" + i), "p"));
        }
        pools.add(PoolMaker.pool("azure", new Match.PathPrefix("/azure"), "p")
                .operations("GET /azure/v1/models", "GET /azure/v1/models/one")
                .make());
        pools.add(Meshes.pool(
                "family", new Match.Model(List.of("gpt-a", "gpt-b", "claude-*"), Map.of("größe", "gpt-a")), "p"));
        pools.add(Meshes.pool("opus", new Match.Model(List.of("claude-opus-*"), Map.of("best", "claude-opus-5")), "p"));
        pools.add(Meshes.pool("opus4", new Match.Model("claude-opus-4"), "p"));
        pools.add(PoolMaker.pool("pair", new Match.Model(List.of("pair-1"), Map.of("pair", "pair-1")))
                .members(List.of(new Member("p", Optional.of("there"), false), new Member("q", Optional.empty(), true)))
                .make());
        pools.add(PoolMaker.pool("names", new Match.Model(List.of("n-1", "n-2", "n-x-*"), Map.of("n", "n-2")))
                .members(List.of(
                        new Member("p", Optional.empty(), Map.of("n-1", "org/n-1", "n-2", "org/n-2"), false),
                        new Member("q", Optional.empty(), Map.of("n-2", "q2", "n-x-y", "qy"), true)))
                .make());
        Config config = Meshes.config(
                Policy.WATER_FILLING,
                List.of(Meshes.provider("p", provider.port()), Meshes.provider("q", other.port())),
                pools.toArray(Pool[]::new));
        sidecar = Sidecar.start(directory, "models", mesh.port());
        mesh.apply(
                config,
                Meshes.decision(
                        1,
                        pools.stream()
                                .map(pool -> pool.members().size() == 1
                                        ? Meshes.decided(pool, 1_000_000)
                                        : Meshes.decided(pool, 999_999, 1))
                                .toArray(PoolProposal[]::new)),
                sidecar);
    }

    @AfterAll
    void stop() {
        sidecar.close();
        mesh.close();
        provider.close();
        other.close();
    }

    private Received get(String path) {
        return RawClient.call(sidecar.port(), "GET", path, "");
    }

    private static JsonNode json(Received received) {
        try {
            return JSON.readTree(received.text());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/models",
                "/v1/models/",
                "/v1/models?limit=5",
                "//v1//models",
                "/openai/v1/models",
                "/a/b/v1/models/?x=1"
            })
    void the_list_is_the_same_under_every_path_that_clients_ask(String path) {
        Received received = get(path);

        assertThat(received.status()).isEqualTo(200);
        assertThat(received.header("content-type")).contains("application/json");
        assertThat(json(received).path("data")).hasSize(410);
        assertThat(json(received).at("/data/0/id").asText()).isNotEmpty();
        Received head = RawClient.call(sidecar.port(), "HEAD", path, "");
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.text()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/models/one, one",
        "/v1/models/one/, one",
        "/v1/models/one?include=x, one",
        "/openai/v1/models/one, one",
        "/v1/models/model-399, model-399",
        "/v1/models/meta-llama/Llama-3.1-8B, meta-llama/Llama-3.1-8B",
        "/v1/models/meta-llama%2FLlama-3.1-8B, meta-llama/Llama-3.1-8B",
        "/v1/models/meta-llama%2fLlama%2D3.1-8B, meta-llama/Llama-3.1-8B",
        "/v1/models/gr%C3%B6%C3%9Fe%207b, größe 7b",
        "/v1/models/a+b%25, a+b%",
        "/v1/models/x%22y, 'x\"y'",
        "/v1/models/dir/, dir/",
        "/v1/models/dir%2F, dir/",
        "/v1/models/gpt-b, gpt-b",
        "/v1/models/gr%C3%B6%C3%9Fe, größe",
        "/v1/models/claude-, claude-",
        "/v1/models/claude-opus-4-1%2Fx, claude-opus-4-1/x",
        "/v1/models/claude-%22%09%C3%BC/, 'claude-\"\tü'",
    })
    void one_model_is_found_however_its_name_is_written(String path, String name) {
        Received received = get(path);

        assertThat(received.status()).as(received.text()).isEqualTo(200);
        assertThat(received.header("content-type")).contains("application/json");
        assertThat(received.header("weir-epoch")).contains("1.1");
        assertThat(received.header("x-request-id")).isPresent();
        JsonNode model = json(received);
        assertThat(model.path("id").asText()).isEqualTo(name);
        assertThat(model.path("object").asText()).isEqualTo("model");
        assertThat(model.path("owned_by").asText()).isEqualTo("test");
        assertThat(RawClient.call(sidecar.port(), "HEAD", path, "").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/models/two",
                "/v1/models/ONE",
                "/v1/models/one/two",
                "/v1/models/one%2Ftwo",
                "/v1/models/claude",
                "/v1/models/gpt-aa",
                "/v1/models/claude-*%FF",
                "/x/v1/models/%22"
            })
    void an_unknown_one_is_not_found_in_openais_words(String path) {
        Received received = get(path);

        assertThat(received.status()).isEqualTo(404);
        JsonNode error = json(received).path("error");
        assertThat(error.path("code").asText()).isEqualTo("model_not_found");
        assertThat(error.path("param").asText()).isEqualTo("model");
        assertThat(error.path("request_id").asText()).isNotEmpty();
    }

    @Test
    void the_unknown_name_is_said() {
        assertThat(json(get("/v1/models/gpt%2Fno%20such")).at("/error/message").asText())
                .contains("'gpt/no such'");
    }

    @ParameterizedTest
    @CsvSource({
        "gpt-a, family, gpt-a",
        "gpt-b, family, gpt-b",
        "größe, family, gpt-a",
        "claude-3, family, claude-3",
        "claude-, family, claude-",
        "claude-opus, family, claude-opus",
        "claude-opus-3, opus, claude-opus-3",
        "best, opus, claude-opus-5",
        "claude-opus-4, opus4, claude-opus-4",
        "claude-opus-40, opus, claude-opus-40",
    })
    void a_request_goes_to_the_pool_that_names_its_model_most_exactly(String model, String pool, String there) {
        Received received =
                RawClient.post(sidecar.port(), "/v1/chat/completions", "{\"n\":1,\"model\":\"" + model + "\",\"x\":2}");

        assertThat(received.status()).as(received.text()).isEqualTo(200);
        assertThat(provider.last().body().toStringUtf8()).isEqualTo("{\"n\":1,\"model\":\"" + there + "\",\"x\":2}");
        AccessRecord call = sidecar.call(received.header("x-request-id").orElseThrow());
        assertThat(call.route().pool()).isEqualTo(pool);
        assertThat(call.request().model()).isEqualTo(model);
    }

    @Test
    void an_alias_is_read_as_programs_read_it() {
        RawClient.post(sidecar.port(), "/v1/embeddings", "{\"model\":\"gr\\u00f6\\u00dfe\"}");
        assertThat(provider.last().body().toStringUtf8()).isEqualTo("{\"model\":\"gpt-a\"}");

        String form = "--b\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nbest\r\n--b--\r\n";
        assertThat(sidecar.post("/v1/audio/transcriptions", form, "content-type", "multipart/form-data; boundary=b")
                        .status())
                .isEqualTo(200);
        assertThat(provider.last().body().toStringUtf8()).isEqualTo(form.replace("best", "claude-opus-5"));
    }

    @Test
    void each_attempt_has_the_members_name_or_the_alias_s_real_one() {
        provider.plays((request, wire) -> wire.head(503, "content-length", "0"));
        try {
            Received received = RawClient.post(sidecar.port(), "/v1/chat/completions", "{\"model\":\"pair\"}");
            assertThat(received.header("weir-provider")).contains("q");
        } finally {
            provider.plays(RawProvider.whole(200, "application/json", "{\"own\":1}"));
        }
        assertThat(provider.last().body().toStringUtf8()).isEqualTo("{\"model\":\"there\"}");
        assertThat(other.last().body().toStringUtf8()).isEqualTo("{\"model\":\"pair-1\"}");
    }

    @ParameterizedTest
    @CsvSource({"n-1, org/n-1, n-1", "n-2, org/n-2, q2", "n, org/n-2, q2", "n-x-y, n-x-y, qy", "n-x-z, n-x-z, n-x-z"})
    void a_member_has_its_own_name_for_each_model(String said, String first, String second) {
        provider.plays((request, wire) -> wire.head(503, "content-length", "0"));
        try {
            RawClient.post(sidecar.port(), "/v1/chat/completions", "{\"model\":\"" + said + "\"}");
        } finally {
            provider.plays(RawProvider.whole(200, "application/json", "{\"own\":1}"));
        }
        assertThat(provider.last().body().toStringUtf8()).isEqualTo("{\"model\":\"" + first + "\"}");
        assertThat(other.last().body().toStringUtf8()).isEqualTo("{\"model\":\"" + second + "\"}");
    }

    @Test
    void names_that_only_begin_as_one_are_listed_nowhere_and_almost_ones_are_none() {
        assertThat(get("/v1/models").text()).contains("\"best\"").doesNotContain("claude-*", "claude-opus-5");
        for (String model : List.of("claude", "Claude-3", "gpt-a ", "gpt-*", "xclaude-3")) {
            Received received = RawClient.post(sidecar.port(), "/v1/chat/completions", "{\"model\":\"" + model + "\"}");
            assertThat(received.status()).as(model).isEqualTo(404);
            assertThat(json(received).at("/error/code").asText()).isEqualTo("model_not_found");
        }
    }

    @Test
    void a_pool_that_serves_it_comes_first() {
        assertThat(get("/azure/v1/models").text()).isEqualTo("{\"own\":1}");
        assertThat(get("/azure/v1/models/one").text()).isEqualTo("{\"own\":1}");
    }

    @Test
    void other_methods_are_no_reading() {
        assertThat(RawClient.call(sidecar.port(), "DELETE", "/v1/models/one", "")
                        .status())
                .isEqualTo(404);
        assertThat(RawClient.post(sidecar.port(), "/v1/models", "{\"model\":\"one\"}")
                        .status())
                .isEqualTo(404);
        assertThat(provider.seen())
                .noneMatch(seen ->
                        seen.path().contains("/models") && !seen.method().equals("GET"));
    }

    @Test
    void the_routes_stay_few() {
        long routes = sidecar.envoy()
                .configDump()
                .lines()
                .filter(line -> line.contains("\"name\": \"model") || line.contains("\"name\": \"escaped_model"))
                .count();
        assertThat(routes).isLessThan(8);
        assertThat(mesh.refusals()).isEmpty();
    }
}
