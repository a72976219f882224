package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.RawClient.Received;
import dev.weir.control.model.Cors;
import dev.weir.control.testing.MeshMaker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that run in a page of a browser. */
@TestInstance(Lifecycle.PER_CLASS)
final class CorsIT {
    private static final String ALLOWED = "access-control-allow-origin";
    private static final Cors CORS = new Cors(
            List.of("https://app.example.com", "http://localhost:*", "https://*.pages.dev", "app://obsidian.md"),
            List.of("GET", "POST"),
            List.of("*", "authorization"),
            Duration.ofSeconds(90));

    private EdgeMesh edges;

    @BeforeAll
    void start(@TempDir Path directory) {
        edges = new EdgeMesh(directory);
    }

    @BeforeEach
    void allow() {
        edges.reset();
        edges.apply(mesh -> MeshMaker.like(mesh).cors(CORS).make());
    }

    @AfterAll
    void stop() {
        edges.close();
    }

    private Received preflight(String path, String origin) {
        return edges.call(
                "OPTIONS",
                path,
                "Origin",
                origin,
                "Access-Control-Request-Method",
                "POST",
                "Access-Control-Request-Headers",
                "authorization,content-type,x-stainless-lang",
                "Access-Control-Request-Private-Network",
                "true");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/chat/completions", "/v1/files/x", "/v1/models", "/v1/models/one", "/nowhere"})
    void a_preflight_is_answered_without_a_provider(String path) {
        int before = edges.alpha.seen().size();

        Received received = preflight(path, "https://app.example.com");

        assertThat(received.status()).isEqualTo(200);
        assertThat(received.header(ALLOWED)).contains("https://app.example.com");
        assertThat(received.header("access-control-allow-methods")).contains("GET, POST");
        assertThat(received.header("access-control-allow-headers")).contains("*, authorization");
        assertThat(received.header("access-control-max-age")).contains("90");
        assertThat(received.header("access-control-allow-private-network")).contains("true");
        assertThat(received.headers()).doesNotContainKey("access-control-allow-credentials");
        assertThat(edges.alpha.seen()).hasSize(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://localhost:3000", "https://a.pages.dev", "https://a.b.pages.dev", "app://obsidian.md"})
    void origins_are_matched_by_their_pattern(String origin) {
        assertThat(preflight("/v1/chat/completions", origin).header(ALLOWED)).contains(origin);
        assertThat(edges.chat("one", "origin", origin).header(ALLOWED)).contains(origin);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example.com",
                "https://app.example.com.evil.test",
                "http://app.example.com",
                "https://app.example.com:8443",
                "http://localhost",
                "http://localhost:3000/x",
                "https://evil.test:1.pages.dev",
                "https://pages.dev",
                "https://appXexample.com",
                "null"
            })
    void an_origin_that_is_not_allowed_gets_none(String origin) {
        int before = edges.alpha.seen().size();

        Received refused = preflight("/v1/files/x", origin);

        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.text()).contains("origin_not_allowed");
        assertThat(edges.alpha.seen()).hasSize(before);
        for (Received received :
                List.of(refused, edges.chat("one", "origin", origin), edges.chat("x", "origin", origin))) {
            assertThat(received.headers().keySet()).noneMatch(name -> name.startsWith("access-control"));
        }
    }

    @Test
    void errors_of_ours_can_be_read_by_the_page() {
        String[] page = {"origin", "http://localhost:5173"};
        for (Received received : List.of(
                edges.chat("unknown", page),
                edges.chat("none", page),
                edges.chat("gone", page),
                RawClient.post(edges.sidecar.port(), "/v1/chat/completions", "{", page),
                RawClient.post(edges.sidecar.port(), "/v1/files/%2F", "{", page),
                edges.call("GET", "/nowhere", page),
                edges.call("GET", "/v1/models/unknown", page),
                edges.call("GET", "/v1/models/one", page),
                edges.call("GET", "/v1/models", page),
                edges.call("GET", "/.well-known/weir", page))) {
            assertThat(received.header(ALLOWED)).as(received.toString()).contains("http://localhost:5173");
            assertThat(received.header("access-control-expose-headers").orElse(""))
                    .contains("weir-provider", "x-request-id", "retry-after-ms");
        }
    }

    @Test
    void an_answer_can_be_read_and_what_a_provider_says_to_browsers_does_not_count() {
        edges.alpha.plays((request, wire) -> wire.head(
                        200,
                        "content-type",
                        "application/json",
                        "Access-Control-Allow-Origin",
                        "*",
                        "content-length",
                        "2")
                .send("{}"));

        Received received = edges.chat("one", "origin", "http://localhost:1");

        assertThat(received.header(ALLOWED)).contains("http://localhost:1");
        assertThat(received.header("vary")).contains("origin");
        assertThat(edges.chat("one").headers()).doesNotContainKey(ALLOWED);
    }

    @Test
    void it_is_off_by_default_and_changes_while_the_sidecar_runs() {
        edges.apply(mesh -> mesh);
        assertThat(preflight("/v1/chat/completions", "https://app.example.com").status())
                .isEqualTo(403);
        Received off = edges.chat("one", "origin", "https://app.example.com");
        assertThat(off.status()).isEqualTo(200);
        assertThat(off.headers()).doesNotContainKeys(ALLOWED, "vary");

        edges.apply(mesh -> MeshMaker.like(mesh)
                .cors(new Cors(List.of("*"), List.of("POST"), List.of("*"), Duration.ofSeconds(1)))
                .make());
        assertThat(preflight("/v1/chat/completions", "null").header(ALLOWED)).contains("null");
        assertThat(edges.mesh.refusals()).isEmpty();
    }

    @Test
    void an_options_that_is_no_preflight_is_as_before() {
        assertThat(edges.call("OPTIONS", "/v1/chat/completions").status()).isEqualTo(404);
    }
}
