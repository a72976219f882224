package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.FakeProvider.Seen;
import dev.weir.control.envoy.Sidecar.Reply;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Pool.Member;
import dev.weir.control.model.Provider;
import dev.weir.control.testing.PoolMaker;
import dev.weir.control.testing.ProviderMaker;
import dev.weir.xds.telemetry.AccessRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Providers whose API has another base path, or wants a query, and agents that know of neither. */
@TestInstance(Lifecycle.PER_CLASS)
final class BasePathsIT {
    private static final String CHAT = "/v1/chat/completions";

    private final FakeProvider first = new FakeProvider();
    private final FakeProvider second = new FakeProvider();
    private final TestMesh mesh = new TestMesh();
    private Sidecar sidecar;

    @BeforeAll
    void start(@TempDir Path directory) {
        Provider versioned = ProviderMaker.like(Meshes.provider("versioned", first.port()))
                .base("/openai/v1")
                .query(Map.of("api-version", "2024-10-21", "a b", "ü&="))
                .make();
        Provider bare = ProviderMaker.like(Meshes.provider("bare", second.port()))
                .base("/api")
                .make();
        Provider root = ProviderMaker.like(Meshes.provider("root", second.port()))
                .base("")
                .make();
        Provider asked = ProviderMaker.like(Meshes.provider("asked", second.port()))
                .query(Map.of("tier", "x"))
                .make();
        List<Pool> pools = List.of(
                PoolMaker.pool("pair", new Match.Model("pair"))
                        .members(List.of(
                                new Member("versioned", Optional.of("pair-there"), false),
                                new Member("bare", Optional.empty(), false)))
                        .make(),
                Meshes.pool("mixed", new Match.Model("mixed"), "versioned", "plain"),
                Meshes.pool("versioned", new Match.Model("versioned"), "versioned"),
                Meshes.pool("bare", new Match.Model("bare"), "bare"),
                Meshes.pool("root", new Match.Model("root"), "root"),
                Meshes.pool("asked", new Match.Model("asked"), "asked"),
                PoolMaker.pool("files", new Match.PathPrefix("/v1/files"), "versioned")
                        .operations("GET /v1/files/*")
                        .make(),
                PoolMaker.pool("search", new Match.PathPrefix("/search"), "versioned")
                        .operations("GET /search/**")
                        .make(),
                Meshes.pool("ollama", new Match.PathPrefix("/ollama"), "bare"));
        Config config = Meshes.config(
                Policy.WATER_FILLING,
                List.of(versioned, bare, root, asked, Meshes.provider("plain", second.port())),
                pools.toArray(Pool[]::new));
        sidecar = Sidecar.start(directory, "bases", mesh.port());
        mesh.apply(
                config,
                Meshes.decision(
                        1,
                        pools.stream()
                                .map(pool -> pool.members().size() == 1
                                        ? Meshes.decided(pool, 1_000_000)
                                        : Meshes.decided(pool, 999_999, 1))
                                .toArray(dev.weir.weights.Proposal.PoolProposal[]::new)),
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
    void each_attempt_has_the_path_the_query_and_the_model_of_its_provider() {
        String body = "{\"model\":\"pair\",\"messages\":[]}";
        assertThat(sidecar.post(CHAT + "?x=1&y", body).status()).isEqualTo(200);
        assertThat(first.last().path())
                .isEqualTo("/openai/v1/chat/completions?x=1&y&a%20b=%C3%BC%26%3D&api-version=2024-10-21");
        assertThat(first.last().body()).contains("\"pair-there\"");

        first.answers(FakeProvider.status(503));
        Reply reply = sidecar.post(CHAT + "?x=1&y", body);

        assertThat(reply.header("weir-provider")).contains("bare");
        assertThat(second.last().path()).isEqualTo("/api/chat/completions?x=1&y");
        assertThat(second.last().body()).isEqualTo(body);
        assertThat(counted(reply)).isEqualTo(14);
    }

    @Test
    void who_is_called_by_host_and_port_gets_what_the_agent_asked_for_also_after_another() {
        first.answers(FakeProvider.status(429));
        for (String target : List.of(CHAT, CHAT + "?x=1", "/openai/deployments/d/chat/completions?api-version=1")) {
            Reply reply = sidecar.post(target, "{\"model\":\"mixed\",\"messages\":[]}");

            assertThat(reply.header("weir-provider")).contains("plain");
            assertThat(second.last().path()).isEqualTo(target);
        }
    }

    @Test
    void streams_are_counted_behind_a_base_path() {
        Reply reply = sidecar.post(CHAT, "{\"model\":\"versioned\",\"stream\":true,\"messages\":[]}");

        assertThat(reply.body()).contains("three", "[DONE]").doesNotContain("prompt_tokens");
        assertThat(first.last().json().at("/stream_options/include_usage").asBoolean())
                .isTrue();
        assertThat(counted(reply)).isEqualTo(14);
    }

    @Test
    void a_response_is_found_again_by_its_id() {
        first.answers((request, exchange) ->
                FakeProvider.respond(exchange, 200, "application/json", "{\"id\":\"resp_1\",\"object\":\"response\"}"));
        assertThat(sidecar.post("/v1/responses", "{\"model\":\"versioned\"}").status())
                .isEqualTo(200);

        assertThat(sidecar.get("/v1/responses/resp_1?include=x").status()).isEqualTo(200);

        Seen seen = first.last();
        assertThat(seen.method()).isEqualTo("GET");
        assertThat(seen.path()).startsWith("/openai/v1/responses/resp_1?include=x&");
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/chat/completions, /openai/v1/chat/completions, /api/chat/completions, /chat/completions",
        "/v1/chat/completions/, /openai/v1/chat/completions, /api/chat/completions, /chat/completions",
        "//v1//chat/./completions, /openai/v1/chat/completions, /api/chat/completions, /chat/completions",
        "/their/own/v1/embeddings, /openai/v1/embeddings, /api/embeddings, /embeddings",
        "/chat/completions, /openai/v1/chat/completions, /api/chat/completions, /chat/completions",
        "/openai/deployments/d-1/chat/completions, /openai/v1/chat/completions, /api/chat/completions, /chat/completions",
        "/openai/deployments/v1/embeddings, /openai/v1/embeddings, /api/embeddings, /embeddings",
        "/v1beta/openai/chat/completions, /openai/v1/chat/completions, /api/chat/completions, /chat/completions",
        "/v1/audio/speech, /openai/v1/audio/speech, /api/audio/speech, /audio/speech",
        "/api/chat, /openai/api/chat, /api/api/chat, /api/chat",
        "/v2/rerank, /openai/v2/rerank, /api/v2/rerank, /v2/rerank",
        "/tokenize, /openai/tokenize, /api/tokenize, /tokenize",
        "/v1/tokenize, /openai/v1/tokenize, /api/tokenize, /tokenize",
    })
    void what_agents_base_urls_end_with_is_replaced(String asked, String versioned, String bare, String root) {
        Map<String, String> paths = Map.of("versioned", versioned, "bare", bare, "root", root);
        paths.forEach((model, expected) -> {
            assertThat(RawClient.post(sidecar.port(), asked, "{\"model\":\"" + model + "\"}")
                            .status())
                    .as(model)
                    .isEqualTo(200);
            FakeProvider provider = model.equals("versioned") ? first : second;
            assertThat(provider.last().path().replaceAll("\\?.*", "")).isEqualTo(expected);
        });
    }

    @Test
    void pools_by_a_prefix_follow_the_same_rule() {
        assertThat(sidecar.get("/v1/files/f-1").status()).isEqualTo(200);
        assertThat(first.last().path()).startsWith("/openai/v1/files/f-1?");
        assertThat(sidecar.get("/search/x/y?q=1").status()).isEqualTo(200);
        assertThat(first.last().path()).startsWith("/openai/search/x/y?q=1&");

        assertThat(sidecar.post("/ollama/api/chat", "{}").status()).isEqualTo(200);
        assertThat(second.last().path()).isEqualTo("/api/api/chat");
        assertThat(sidecar.post("/ollama/v1/chat/completions", "{}").status()).isEqualTo(200);
        assertThat(second.last().path()).isEqualTo("/api/chat/completions");
        assertThat(sidecar.post("/ollama/embeddings", "{}").status()).isEqualTo(200);
        assertThat(second.last().path()).isEqualTo("/api/embeddings");
    }

    @ParameterizedTest
    @CsvSource({
        "'', ?tier=x",
        "?, ?tier=x",
        "?tier=own, ?tier=x",
        "?a=1&tier=own&b=2&tier, ?a=1&b=2&tier=x",
        "?TIER=own&ti%65r=own&%54ier, ?tier=x",
        "?tiers=1&a=tier=2, ?tiers=1&a=tier=2&tier=x",
        "?&&a=%26tier%3D1&, ?a=%26tier%3D1&tier=x",
        "?a=1?tier=2, ?a=1?tier=2&tier=x",
    })
    void a_provider_s_query_wins_over_the_agents(String asked, String sent) {
        assertThat(RawClient.post(sidecar.port(), CHAT + asked, "{\"model\":\"asked\"}")
                        .status())
                .isEqualTo(200);
        assertThat(second.last().path()).isEqualTo(CHAT + sent);
    }

    @Test
    void an_agent_says_neither_path_nor_more_headers() {
        sidecar.post(
                CHAT,
                "{\"model\":\"versioned\"}",
                "weir-target",
                "/admin",
                "weir-path",
                "/admin",
                "x-envoy-original-path",
                "/admin",
                "x-original-url",
                "/admin");

        assertThat(first.last().path()).startsWith("/openai/v1/chat/completions?");
        assertThat(first.last().headers().keySet().stream()
                        .filter(name -> name.startsWith("weir-") || name.startsWith("x-"))
                        .collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(
                        "x-request-id", "weir-attempt", "weir-epoch", "weir-price", "weir-price-epoch");
    }

    @Test
    void no_path_leads_out_of_a_base() {
        for (String path : List.of(
                "/v1/..%2f..%2fadmin/chat/completions",
                "/v1/%2e%2e/admin",
                "/v1/..;/admin/v1/chat/completions",
                "/../../v1/chat/completions",
                "/v1/../admin/chat/completions")) {
            RawClient.post(sidecar.port(), path, "{\"model\":\"versioned\"}");
        }
        assertThat(first.seen()).allMatch(seen -> seen.path().startsWith("/openai/"));
        assertThat(first.seen()).noneMatch(seen -> seen.path().contains("admin"));
    }

    private long counted(Reply reply) {
        AccessRecord call = sidecar.call(reply);
        AccessRecord.Usage usage =
                java.util.Objects.requireNonNull(call.answer().usage());
        return usage.promptTokens() + usage.completionTokens();
    }
}
