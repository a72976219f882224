package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.RawClient.Received;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.testing.PoolMaker;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** The operator's key opens the operations that a pool serves, and nothing else of a provider. */
@TestInstance(Lifecycle.PER_CLASS)
final class OperationsIT {
    private static final String BODY = "{\"model\":\"m\",\"stream\":true}";

    private final FakeProvider provider = new FakeProvider();
    private final TestMesh mesh = new TestMesh();
    private Sidecar sidecar;

    @BeforeAll
    void start(@TempDir Path directory) {
        List<Pool> pools = List.of(
                Meshes.pool("model", new Match.Model("m"), "p"),
                Meshes.pool("header", new Match.Header("x-class", "batch"), "p"),
                Meshes.pool("prefix", new Match.PathPrefix("/pre/fix"), "p"),
                Meshes.pool("azure", new Match.PathPrefix("/openai"), "p"),
                PoolMaker.pool("files", new Match.PathPrefix("/v1/files"), "p")
                        .operations("POST /v1/files", "GET /v1/files/*/content", "DELETE /v1/files/*")
                        .make(),
                PoolMaker.pool("embedding", new Match.Model("e"), "p")
                        .operations("POST /v1/embeddings", "POST /x/**")
                        .make());
        Config config = Meshes.config(
                Policy.WATER_FILLING, List.of(Meshes.provider("p", provider.port())), pools.toArray(new Pool[0]));
        sidecar = Sidecar.start(directory, "operations", mesh.port());
        mesh.apply(
                config,
                Meshes.decision(
                        1,
                        pools.stream()
                                .map(pool -> Meshes.decided(pool, 1_000_000))
                                .toArray(dev.weir.weights.Proposal.PoolProposal[]::new)),
                sidecar);
    }

    @AfterEach
    void nothingWasRefused() {
        assertThat(mesh.refusals()).isEmpty();
        assertThat(sidecar.envoy().admin("/stats")).contains("lua.errors: 0");
    }

    @AfterAll
    void stop() {
        sidecar.close();
        mesh.close();
        provider.close();
    }

    @Test
    void what_the_known_apis_do_by_a_model_is_served() {
        for (String operation : List.of(
                "chat/completions",
                "completions",
                "embeddings",
                "responses",
                "responses/input_tokens",
                "responses/compact",
                "messages",
                "messages/count_tokens",
                "moderations",
                "audio/speech",
                "images/generations",
                "rerank",
                "score",
                "classify",
                "pooling",
                "tokenize",
                "detokenize")) {
            assertServed("model", "/v1/" + operation);
            assertServed("model", "/api/v1/" + operation + "?api-version=1&x=//../y");
        }
        for (String path : List.of(
                "/v1beta/openai/chat/completions",
                "/inference/acme/v1/completions",
                "/api/chat",
                "/api/generate",
                "/api/embed",
                "/api/embeddings",
                "/completion",
                "/infill",
                "/v2/rerank",
                "/chat/completions")) {
            assertServed("model", path);
        }
        assertServed("azure", "/openai/deployments/gpt-4.1_mini/chat/completions?api-version=2024-10-21");
        assertServed("azure", "/openai/v1/embeddings");
        assertServed("prefix", "/pre/fix/chat/completions");
        assertServed("prefix", "/pre/fix/api/chat");
        assertServed("prefix", "/pre/fix/v1/embeddings");
        assertServed("header", "/v1/embeddings", "x-class", "batch");
    }

    @Test
    void nothing_else_of_a_provider_is_open_whatever_takes_the_request() {
        for (String path : List.of(
                "/v1/organization/admin_api_keys",
                "/v1/organization/usage/completions",
                "/v1/organization/v1/chat/completions",
                "/v1/fine_tuning/jobs",
                "/v1/batches",
                "/v1/chat/completions/id",
                "/v1/chat",
                "/v1/",
                "/v1",
                "/",
                "/V1/chat/completions",
                "/v1/Chat/completions",
                "/v1/organization/%2e%2e/x/v1/chat/completions",
                "/v1/organization%2f..%2fchat/completions",
                "/v1/organization%252fx/chat/completions",
                "/v1/organization\\chat/completions",
                "/v1/organization?x=/v1/chat/completions",
                "/openai/deployments/g/organization",
                "/openai/organization/chat/completions",
                "/openai/deployments/a/b/chat/completions",
                "/openai/v1/organization/chat/completions",
                "/pre/fix/organization/chat/completions",
                "/pre/fix",
                "/pre/fix/v1/organization/keys",
                "/pre/fixed/chat/completions",
                "/other/chat/completions",
                "/api/pull",
                "/api/delete")) {
            assertNotServed("POST", path);
            assertNotServed("POST", path, "x-class", "batch");
        }
        for (String method : List.of("GET", "PUT", "PATCH", "DELETE", "PURGE")) {
            assertNotServed(method, "/v1/chat/completions");
            assertNotServed(method, "/v1/chat/completions", "x-class", "batch");
            assertNotServed(method, "/pre/fix/chat/completions");
        }
        assertNotServed("DELETE", "/v1/models/m");
        assertThat(RawClient.call(sidecar.port(), "CONNECT", "api.test:443", "").status())
                .isBetween(400, 499);
    }

    @Test
    void a_path_is_what_the_provider_gets() {
        for (String path : List.of(
                "/v1/organization/../chat/completions",
                "/v1/organization;/%2e%2e/chat/completions",
                "/v1/organization/..;/chat/completions")) {
            assertThat(RawClient.post(sidecar.port(), path, BODY).status()).isEqualTo(200);
            assertThat(provider.last().path()).isEqualTo("/v1/chat/completions");
        }
    }

    @Test
    void the_refusal_names_method_and_path() {
        Received unknown = RawClient.post(sidecar.port(), "/v1/fine_tuning/jobs?x=1", BODY);
        assertThat(unknown.text())
                .contains("There is no POST /v1/fine_tuning/jobs here: no pool serves this operation.")
                .contains("\"not_found\"");

        Received other = RawClient.post(sidecar.port(), "/v1/chat/completions", "{\"model\":\"e\"}");
        assertThat(other.status()).isEqualTo(404);
        assertThat(other.text())
                .contains("The pool embedding does not serve POST /v1/chat/completions: it is none of its operations.");
    }

    @Test
    void a_pool_may_list_its_own_operations() {
        assertServed("files", "/v1/files");
        assertThat(pool(RawClient.call(sidecar.port(), "GET", "/v1/files/file-1/content?x=/", "")))
                .isEqualTo("files");
        assertThat(pool(RawClient.call(sidecar.port(), "DELETE", "/v1/files/a%20b", "")))
                .isEqualTo("files");
        assertNotServed("GET", "/v1/files");
        assertNotServed("GET", "/v1/files/a/b/content");
        assertNotServed("DELETE", "/v1/files/..;x");
        assertNotServed("DELETE", "/v1/files/a%2f..%2fb");
        assertNotServed("POST", "/v1/files/chat/completions");

        for (String path : List.of("/v1/embeddings", "/x/y", "/x/y/z")) {
            Received reply = RawClient.post(sidecar.port(), path, "{\"model\":\"e\"}");
            assertThat(pool(reply)).as(path).isEqualTo("embedding");
        }
    }

    @Test
    void streams_of_completions_are_counted_in_every_form_of_the_path() {
        for (String path : List.of(
                "/v1/chat/completions/",
                "/v1/completions/?x=/",
                "/v1beta/openai/chat/completions",
                "/openai/deployments/g/chat/completions?api-version=2024-10-21",
                "/pre/fix/completions",
                "/chat/completions")) {
            Received reply = RawClient.post(sidecar.port(), path, BODY);
            assertThat(reply.status()).as(path).isEqualTo(200);
            assertThat(provider.last()
                            .json()
                            .at("/stream_options/include_usage")
                            .asBoolean())
                    .as(path)
                    .isTrue();
            assertThat(provider.last().path()).isEqualTo(path.replaceFirst("/(\\?|$)", "$1"));
            assertThat(reply.text()).contains("three").doesNotContain("total_tokens");
            assertThat(sidecar.call(reply.header("x-request-id").orElseThrow())
                            .answer()
                            .usage())
                    .as(path)
                    .isEqualTo(new Usage(11, 3, 14, 5));
        }
        for (String path : List.of("/v1/responses", "/v1/messages", "/api/chat", "/v1/audio/speech")) {
            RawClient.post(sidecar.port(), path, BODY);
            assertThat(provider.last().body()).as(path).isEqualTo(BODY);
        }
    }

    private void assertServed(String pool, String path, String... headers) {
        Received reply = RawClient.post(sidecar.port(), path, BODY, headers);
        assertThat(reply.status()).as(path + " " + reply.text()).isEqualTo(200);
        assertThat(provider.last().path()).isEqualTo(path);
        assertThat(pool(reply)).as(path).isEqualTo(pool);
    }

    private void assertNotServed(String method, String path, String... headers) {
        int before = provider.seen().size();
        String[] all = Stream.concat(Stream.of(headers), Stream.of("content-type", "application/json"))
                .toArray(String[]::new);
        Received reply = RawClient.call(sidecar.port(), method, path, BODY, all);
        assertThat(reply.status()).as(method + " " + path + " " + reply.text()).isIn(400, 404, 405);
        assertThat(provider.seen()).as(method + " " + path).hasSize(before);
    }

    private String pool(Received reply) {
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return sidecar.call(reply.header("x-request-id").orElseThrow()).route().pool();
    }
}
