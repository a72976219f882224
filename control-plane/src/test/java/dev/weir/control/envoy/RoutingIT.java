package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.control.envoy.Sidecar.Reply;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.testing.PoolMaker;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Which pool a request is for, and the clear errors of one that is for none. */
@TestInstance(Lifecycle.PER_CLASS)
final class RoutingIT {
    private static final String CHAT = "/v1/chat/completions";

    private final FakeProvider provider = new FakeProvider();
    private final TestMesh mesh = new TestMesh();
    private Sidecar sidecar;

    @BeforeAll
    void start(@TempDir Path directory) {
        Pool large = Meshes.pool("large", new Match.Model("gpt-large"), "p");
        Pool odd = Meshes.pool("odd", new Match.Model("org/modèle \"β\" 100%"), "p");
        Pool header = Meshes.pool("batch", new Match.Header("x-class", "batch"), "p");
        Pool search = PoolMaker.pool("search", new Match.PathPrefix("/search"), "p")
                .operations("POST /search", "GET /search/**")
                .make();
        Pool deep = PoolMaker.pool("deep", new Match.PathPrefix("/search/deep"), "p")
                .operations("POST /search/deep/*")
                .make();
        Pool idle = Meshes.pool("idle", new Match.Model("idle"), "p");
        Pool fresh = Meshes.pool("fresh", new Match.Model("fresh"), "p");
        Config config = Meshes.config(
                Policy.WATER_FILLING,
                List.of(Meshes.provider("p", provider.port())),
                large,
                odd,
                header,
                search,
                deep,
                idle,
                fresh);
        sidecar = Sidecar.start(directory, "routing", mesh.port());
        mesh.apply(
                config,
                Meshes.decision(
                        1,
                        Meshes.decided(large, 1_000_000),
                        Meshes.decided(odd, 1_000_000),
                        Meshes.decided(header, 1_000_000),
                        Meshes.decided(search, 1_000_000),
                        Meshes.decided(deep, 1_000_000),
                        Meshes.decided(idle, 0)),
                sidecar);
    }

    @AfterEach
    void nothingWasRefused() {
        assertThat(mesh.refusals()).isEmpty();
    }

    @AfterAll
    void stop() {
        sidecar.close();
        mesh.close();
        provider.close();
    }

    @Test
    void by_model_whatever_the_content_type_says_of_json() {
        for (String type : List.of(
                "application/json",
                "application/json; charset=utf-8",
                "Application/JSON;charset=UTF-8",
                "application/json ; charset=utf-8",
                "application/vnd.api+json")) {
            assertPool("large", sidecar.post(CHAT, "{\"model\":\"gpt-large\"}", "content-type", type));
        }
        assertPool(
                "large",
                sidecar.send(sidecar.request(CHAT).POST(BodyPublishers.ofString("{\"model\":\"gpt-large\"}"))));
        assertPool("odd", sidecar.post(CHAT, "{\"model\":\"org/mod\\u00e8le \\\"β\\\" 100%\"}"));
    }

    @Test
    void a_body_of_5_MB_passes_whole() {
        String body = "{\"messages\":[{\"content\":\"" + "x".repeat(5_000_000) + "\"}],\"model\":\"gpt-large\"}";

        assertPool("large", sidecar.post(CHAT, body));

        assertThat(provider.last().body()).hasSize(body.length()).isEqualTo(body);
    }

    @Test
    void a_body_above_the_limit_is_refused_with_the_limit() {
        Reply reply = sidecar.post(CHAT, "{\"model\":\"gpt-large\",\"x\":\"" + "x".repeat(9 << 20) + "\"}");

        assertError(reply, 413, "request_too_large", "The request's body is larger than 8388608 bytes.");
    }

    @Test
    void an_unknown_model_is_named() {
        Reply reply = sidecar.post(CHAT, "{\"model\":\"gpt-\\\"9\\\"\"}");

        assertError(
                reply,
                404,
                "model_not_found",
                "The model 'gpt-\"9\"' does not exist here; GET /v1/models lists those that do.");
        assertThat(reply.json().at("/error/param").asText()).isEqualTo("model");
    }

    @Test
    void models_that_are_almost_one_are_none() {
        for (String model :
                List.of("\"gpt-larg\"", "\"gpt-large \"", "\"GPT-LARGE\"", "\"\"", "7", "null", "[\"gpt-large\"]")) {
            Reply reply = sidecar.post(CHAT, "{\"model\":" + model + "}");
            assertThat(reply.status()).as(model).isIn(400, 404);
            assertThat(reply.json().at("/error/type").asText()).as(model).isEqualTo("invalid_request_error");
        }
    }

    @Test
    void a_missing_model_is_asked_for() {
        for (String body : List.of("{}", "{\"messages\":[]}", "{\"x\":{\"model\":\"gpt-large\"}}")) {
            assertError(
                    sidecar.post(CHAT, body),
                    400,
                    "missing_required_parameter",
                    "The request's body must have a model.");
        }
    }

    @Test
    void what_is_no_json_is_refused() {
        for (String body :
                List.of("{", "{\"model\":\"gpt-large\"", "model=gpt-large", "\"gpt-large\"", "[]", "\u0000")) {
            Reply reply = sidecar.post(CHAT, body);
            assertThat(reply.status()).as(body).isEqualTo(400);
            assertThat(reply.json().at("/error/type").asText()).as(body).isEqualTo("invalid_request_error");
        }
        assertError(
                sidecar.post(CHAT, "{\"model\":\"gpt-large\"}", "content-type", "text/plain"),
                400,
                "invalid_json",
                "The request's body could not be read (expected: a JSON object, content type application/json).");
    }

    @Test
    void no_body_at_all_is_refused() {
        assertThat(sidecar.send(sidecar.request(CHAT).POST(BodyPublishers.noBody()))
                        .status())
                .isEqualTo(400);
        assertError(
                sidecar.get("/v1/files"),
                404,
                "not_found",
                "There is no GET /v1/files here: no pool serves this operation.");
    }

    @Test
    void by_header_before_the_model() {
        assertPool("batch", sidecar.post(CHAT, "{\"model\":\"gpt-large\"}", "x-class", "batch"));
        assertPool("large", sidecar.post(CHAT, "{\"model\":\"gpt-large\"}", "x-class", "batches"));
    }

    @Test
    void by_path_whole_segments_the_longest_first_and_any_body() {
        assertPool("search", sidecar.post("/search", "anything", "content-type", "text/plain"));
        assertPool("search", sidecar.get("/search/quick?q=1"));
        assertPool("deep", sidecar.post("/search/deep/x", "{\"model\":\"gpt-large\"}"));
        assertThat(sidecar.get("/searching").status()).isEqualTo(404);
        String form = "--b\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\n" + "y".repeat(3_000_000)
                + "\r\n--b--\r\n";
        assertPool("search", sidecar.post("/search", form, "content-type", "multipart/form-data; boundary=b"));
        assertThat(provider.last().body()).isEqualTo(form);
    }

    @Test
    void a_pool_that_nobody_serves_now_sheds() {
        for (String model : List.of("idle", "fresh")) {
            Reply reply = sidecar.chat(model);
            assertError(reply, 429, "no_provider", "No provider of this pool can take requests now.");
            assertThat(reply.saysToWaitAbout(1_000)).as(reply.toString()).isTrue();
            assertThat(reply.header("weir-congestion")).isPresent();
            assertThat(reply.header("weir-provider")).isEmpty();
        }
    }

    @Test
    void the_models_are_listed() {
        JsonNode models = sidecar.get("/v1/models").json();

        assertThat(models.at("/object").asText()).isEqualTo("list");
        assertThat(models.at("/data").findValuesAsText("id"))
                .containsExactly("fresh", "idle", "gpt-large", "org/modèle \"β\" 100%");
    }

    @Test
    void the_public_signal_is_served() {
        Reply reply = sidecar.get("/.well-known/weir");

        assertThat(reply.header("content-type")).contains("application/json");
        JsonNode large = pool(reply.json(), "large");
        assertThat(reply.json().at("/epoch").asText()).isEqualTo("1.1");
        assertThat(large.at("/model").asText()).isEqualTo("gpt-large");
        assertThat(large.at("/price").asLong()).isEqualTo(250);
        assertThat(large.at("/priceEpoch").asLong()).isEqualTo(7);
        assertThat(large.at("/congestion").asInt()).isEqualTo(42);
        assertThat(large.at("/headroom").asDouble()).isEqualTo(5.8);
        assertThat(large.at("/providers/0/provider").asText()).isEqualTo("p");
    }

    private static JsonNode pool(JsonNode signal, String name) {
        for (JsonNode pool : signal.at("/pools")) {
            if (pool.at("/pool").asText().equals(name)) {
                return pool;
            }
        }
        throw new AssertionError(name + " is missing in " + signal);
    }

    /** The provider cannot tell pools apart, so the record does. */
    private void assertPool(String pool, Reply reply) {
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        String id = reply.header("x-request-id").orElseThrow();
        org.awaitility.Awaitility.await()
                .untilAsserted(() -> assertThat(sidecar.records())
                        .filteredOn(record -> record.identity().requestId().equals(id))
                        .hasSize(2)
                        .allMatch(record -> record.route().pool().equals(pool)));
    }

    private static void assertError(Reply reply, int status, String code, String message) {
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.header("content-type")).contains("application/json");
        JsonNode error = reply.json().at("/error");
        assertThat(error.at("/code").asText()).isEqualTo(code);
        assertThat(error.at("/message").asText()).isEqualTo(message);
        assertThat(error.at("/request_id").asText())
                .isEqualTo(reply.header("x-request-id").orElseThrow());
        assertThat(error.has("param")).isTrue();
    }
}
