package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.FakeProvider.Seen;
import dev.weir.control.envoy.Sidecar.Reply;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Provider;
import dev.weir.control.testing.ProviderMaker;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** The headers of every answer, and what neither agents nor providers can make others believe. */
@TestInstance(Lifecycle.PER_CLASS)
final class HeadersIT {
    private static final String UUID = "[0-9a-f]{8}-[0-9a-f-]{27}";

    private final FakeProvider alpha = new FakeProvider();
    private final FakeProvider beta = new FakeProvider();
    private final TestMesh mesh = new TestMesh();
    private Sidecar sidecar;

    @BeforeAll
    void start(@TempDir Path directory) {
        Pool one = Meshes.pool("one", new Match.Model("one"), "alpha");
        Pool two = Meshes.pool("two", new Match.Model("two"), "alpha", "beta");
        Pool gone = Meshes.pool("gone", new Match.Model("gone"), "nobody");
        Config config = Meshes.config(
                Policy.WATER_FILLING,
                List.of(
                        keyed("alpha", alpha.port(), "x-alpha-key", "alpha%secret"),
                        Meshes.provider("beta", beta.port()),
                        Meshes.provider("nobody", dev.weir.xds.testing.EnvoyProcess.freePort())),
                one,
                two,
                gone);
        sidecar = Sidecar.start(directory, "headers", mesh.port());
        mesh.apply(
                config,
                Meshes.decision(
                        3,
                        Meshes.decided(one, 1_000_000),
                        Meshes.decided(two, 999_999, 1),
                        Meshes.decided(gone, 1_000_000)),
                sidecar);
    }

    private static Provider keyed(String name, int port, String header, String value) {
        return ProviderMaker.like(Meshes.provider(name, port))
                .credentials(header, value)
                .make();
    }

    @BeforeEach
    void answerAsUsual() {
        alpha.answers(FakeProvider::complete);
        beta.answers(FakeProvider::complete);
    }

    @AfterEach
    void nothingWasRefused() {
        assertThat(mesh.refusals()).isEmpty();
    }

    @AfterAll
    void stop() {
        sidecar.close();
        mesh.close();
        alpha.close();
        beta.close();
    }

    @Test
    void success_carries_every_header() {
        Reply reply = sidecar.chat("one");

        assertThat(reply.status()).isEqualTo(200);
        assertPool(reply, "alpha", "250", 1);
        assertThat(alpha.last().headers()).containsEntry("x-request-id", id(reply));
    }

    @Test
    void a_providers_error_carries_every_header() {
        alpha.answers(FakeProvider.status(400));

        Reply reply = sidecar.chat("one");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body()).contains("provider says 400");
        assertPool(reply, "alpha", "250", 1);
    }

    @Test
    void a_provider_that_cannot_be_reached_is_named_with_the_attempts() {
        Reply reply = sidecar.chat("gone");

        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.json().at("/error/type").asText()).isEqualTo("api_error");
        assertThat(reply.json().at("/error/request_id").asText()).isEqualTo(id(reply));
        assertThat(reply.header("weir-attempts"))
                .hasValueSatisfying(n -> assertThat(n).isIn("1", "2"));
        assertThat(reply.header("weir-epoch")).contains("1.3");
        assertThat(reply.header("weir-congestion")).contains("42");
    }

    @Test
    void answers_of_the_sidecars_own_name_no_provider() {
        for (Reply reply : List.of(
                sidecar.chat("unknown"),
                sidecar.post("/v1/chat/completions", "{"),
                sidecar.post("/v1/chat/completions", "{\"model\":\"one\",\"x\":\"" + "x".repeat(9 << 20) + "\"}"),
                sidecar.get("/v1/models"),
                sidecar.get("/.well-known/weir"),
                sidecar.get("/nowhere"))) {
            assertThat(reply.header("weir-provider")).isEmpty();
            assertThat(reply.header("weir-price")).isEmpty();
            assertThat(reply.header("weir-price-epoch")).isEmpty();
            assertThat(reply.header("weir-attempts")).contains("0");
            assertThat(reply.header("weir-epoch")).contains("1.3");
            assertThat(id(reply)).matches(UUID);
        }
    }

    @Test
    void nothing_that_an_agent_says_of_weir_or_envoy_reaches_anybody() {
        Reply reply = sidecar.chat(
                "one",
                "weir-provider",
                "beta",
                "weir-price",
                "1",
                "weir-epoch",
                "9.9",
                "weir-turn",
                "1000000",
                "weir-pick",
                "7",
                "Weir-Tenant",
                "root",
                "weir_price",
                "1",
                "x-envoy-attempt-count",
                "7",
                "x-envoy-retry-on",
                "5xx",
                "x-envoy-upstream-alt-stat-name",
                "x",
                "x-request-id",
                "mine",
                "x-forwarded-for",
                "10.0.0.1",
                "accept-encoding",
                "gzip",
                "traceparent",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        assertPool(reply, "alpha", "250", 1);
        Map<String, String> seen = alpha.last().headers();
        assertThat(seen)
                .containsEntry("weir-price", "250")
                .containsEntry("weir-price-epoch", "7")
                .containsEntry("weir-epoch", "1.3")
                .containsEntry("weir-attempt", "1")
                .containsEntry("accept-encoding", "identity")
                .containsKey("traceparent")
                .doesNotContainKeys("x-forwarded-for", "x-forwarded-proto");
        assertThat(seen.keySet()).noneMatch(name -> name.startsWith("x-envoy"));
        assertThat(seen.keySet().stream().filter(name -> name.startsWith("weir")))
                .isSubsetOf(Set.of("weir-price", "weir-price-epoch", "weir-epoch", "weir-attempt"));
        assertThat(seen.get("x-request-id")).matches(UUID);
        assertThat(id(reply)).isEqualTo(seen.get("x-request-id"));
    }

    @Test
    void nothing_that_a_provider_says_of_weir_or_envoy_reaches_the_agent() {
        alpha.answers(FakeProvider.status(
                200,
                "weir-price",
                "0",
                "weir-provider",
                "beta",
                "weir-epoch",
                "9.9",
                "weir-congestion",
                "0",
                "weir-tenant",
                "root",
                "x-request-id",
                "theirs",
                "x-envoy-immediate-health-check-fail",
                "true",
                "x-envoy-degraded",
                "true",
                "x-custom",
                "stays"));

        Reply reply = sidecar.chat("one");

        assertPool(reply, "alpha", "250", 1);
        assertThat(reply.header("weir-tenant")).isEmpty();
        assertThat(reply.header("x-envoy-immediate-health-check-fail")).isEmpty();
        assertThat(reply.header("x-envoy-degraded")).isEmpty();
        assertThat(reply.header("x-custom")).contains("stays");
        assertThat(id(reply)).isEqualTo(alpha.last().headers().get("x-request-id"));
        assertThat(sidecar.chat("one").status()).isEqualTo(200);
    }

    @Test
    void a_provider_cannot_forbid_a_retry_elsewhere() {
        alpha.answers(FakeProvider.status(429, "x-envoy-ratelimited", "true", "x-envoy-overloaded", "true"));

        Reply reply = sidecar.chat("two");

        assertThat(reply.status()).isEqualTo(200);
        assertPool(reply, "beta", "251", 2);
    }

    @Test
    void keys_go_where_they_belong_and_nowhere_else() {
        sidecar.chat("two", "authorization", "Bearer agent", "x-api-key", "agent", "cookie", "agent");

        assertThat(alpha.last().headers())
                .containsEntry("x-alpha-key", "alpha%secret")
                .doesNotContainKeys("authorization", "x-api-key", "cookie");

        alpha.answers(FakeProvider.status(503));
        Reply reply = sidecar.chat("two", "authorization", "Bearer agent", "x-alpha-key", "agent");

        assertThat(reply.header("weir-provider")).contains("beta");
        Seen retried = beta.last();
        assertThat(retried.headers())
                .containsEntry("weir-attempt", "2")
                .doesNotContainKeys("authorization", "x-alpha-key", "weir-turn");
    }

    @Test
    void the_host_is_the_providers() {
        sidecar.chat("one");

        assertThat(alpha.last().headers()).containsEntry("host", "alpha.test:" + alpha.port());
    }

    private static void assertPool(Reply reply, String provider, String price, int attempts) {
        assertThat(reply.header("weir-provider")).contains(provider);
        assertThat(reply.header("weir-price")).contains(price);
        assertThat(reply.header("weir-price-epoch")).contains("7");
        assertThat(reply.header("weir-epoch")).contains("1.3");
        assertThat(reply.header("weir-congestion")).contains("42");
        assertThat(reply.header("weir-attempts")).contains(Integer.toString(attempts));
        assertThat(id(reply)).matches(UUID);
        for (String name : reply.headers().map().keySet()) {
            if (name.startsWith("weir-") || name.equals("x-request-id")) {
                assertThat(reply.headers().allValues(name)).as(name).hasSize(1);
            }
        }
    }

    private static String id(Reply reply) {
        return reply.header("x-request-id").orElse("");
    }
}
