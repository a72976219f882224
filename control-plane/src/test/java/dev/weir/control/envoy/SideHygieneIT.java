package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.envoy.RawClient.Received;
import dev.weir.control.envoy.RawProvider.Seen;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.testing.ProviderMaker;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** What leaves the mesh through a provider's side, and what comes back through it. */
@TestInstance(Lifecycle.PER_CLASS)
final class SideHygieneIT {
    private final RawProvider alpha = new RawProvider(RawProvider.whole(200, "application/json", EdgeMesh.DONE));
    private final RawProvider beta = new RawProvider(RawProvider.whole(200, "application/json", EdgeMesh.DONE));
    private final TestMesh mesh = new TestMesh();
    private ProviderProxy side;
    private Sidecar sidecar;

    @BeforeAll
    void start(@TempDir Path directory) {
        side = ProviderProxy.start(directory, "egress", mesh.port(), "alpha", "beta", "gamma");
        sidecar = Sidecar.start(directory, "agent", mesh.port());
        Pool pair = Meshes.pool("pair", new Match.Model("pair"), "alpha", "beta");
        Pool alone = Meshes.pool("alone", new Match.Model("alone"), "alpha");
        Pool based = Meshes.pool("based", new Match.Model("based"), "gamma", "beta");
        Config config = Meshes.config(
                Policy.WATER_FILLING,
                List.of(
                        Meshes.behind(side.port(), Meshes.provider("alpha", alpha.port())),
                        Meshes.behind(side.port(), Meshes.provider("beta", beta.port())),
                        Meshes.behind(
                                side.port(),
                                ProviderMaker.like(Meshes.provider("gamma", alpha.port()))
                                        .base("/openai/v1")
                                        .query(Map.of("api-version", "1"))
                                        .make())),
                pair,
                alone,
                based);
        mesh.limit("gamma", 100, 100, 0);
        mesh.limit("alpha", 100, 100, 0);
        mesh.limit("beta", 100, 100, 0);
        mesh.apply(
                config,
                Meshes.decision(
                        1,
                        Meshes.decided(pair, 999_999, 1),
                        Meshes.decided(alone, 1_000_000),
                        Meshes.decided(based, 999_999, 1)),
                sidecar,
                side);
    }

    @BeforeEach
    void answerAsUsual() {
        alpha.plays(RawProvider.whole(200, "application/json", EdgeMesh.DONE));
        beta.plays(RawProvider.whole(200, "application/json", EdgeMesh.DONE));
    }

    @AfterAll
    void stop() {
        sidecar.close();
        side.close();
        mesh.close();
        alpha.close();
        beta.close();
    }

    private Received chat(String model, String... headers) {
        return RawClient.post(sidecar.port(), "/v1/chat/completions", "{\"model\":\"" + model + "\"}", headers);
    }

    @Test
    void a_provider_behind_a_side_sees_what_one_without_sees() {
        Received received =
                chat("alone", "accept-encoding", "gzip", "x-forwarded-for", "1.2.3.4", "x-original-url", "/x");

        assertThat(received.status()).isEqualTo(200);
        assertThat(alpha.last().headers().keySet())
                .containsExactlyInAnyOrder(
                        "host",
                        "content-type",
                        "content-length",
                        "accept-encoding",
                        "x-request-id",
                        "weir-attempt",
                        "weir-epoch",
                        "weir-price",
                        "weir-price-epoch");
        assertThat(alpha.last().headers())
                .containsEntry("accept-encoding", "identity")
                .containsEntry("host", "alpha.test:" + alpha.port());
    }

    @Test
    void the_base_path_of_a_provider_is_right_behind_its_side_too() {
        assertThat(chat("based").status()).isEqualTo(200);
        assertThat(alpha.last().path()).isEqualTo("/openai/v1/chat/completions?api-version=1");

        alpha.plays((request, wire) -> wire.head(503, "content-length", "0"));
        assertThat(chat("based").header("weir-provider")).contains("beta");
        assertThat(beta.last().path()).isEqualTo("/v1/chat/completions");
    }

    @Test
    void a_retry_behind_a_side_has_its_number_and_no_more() {
        alpha.plays((request, wire) -> wire.head(503, "content-length", "0"));

        Received received = chat("pair");

        assertThat(received.status()).isEqualTo(200);
        assertThat(received.header("weir-provider")).contains("beta");
        Seen second = beta.last();
        assertThat(second.headers()).containsEntry("weir-attempt", "2").containsEntry("accept-encoding", "identity");
        assertThat(second.headers().keySet())
                .noneMatch(name -> name.startsWith("x-envoy") || name.startsWith("x-forwarded"));
        String id = received.header("x-request-id").orElseThrow();
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(sidecar.records().stream()
                                .filter(record -> record.identity().kind() == Kind.ATTEMPT
                                        && record.identity().requestId().equals(id))
                                .map(record -> record.identity().attempt()))
                        .containsExactlyInAnyOrder(1, 2));
    }

    @Test
    void a_provider_behind_a_side_cannot_speak_for_the_mesh() {
        alpha.plays((request, wire) -> wire.head(
                429,
                "retry-after-ms",
                "70",
                "weir_price",
                "0",
                "weir-attempts",
                "9",
                "x-envoy-weir-retry-about-ms",
                "5",
                "access-control-allow-origin",
                "*",
                "content-length",
                "0"));

        Received received = chat("alone");

        assertThat(received.status()).isEqualTo(429);
        assertThat(received.header("retry-after-ms")).contains("70");
        assertThat(received.header("weir-attempts").orElse("")).isNotEqualTo("9");
        assertThat(received.headers())
                .doesNotContainKeys(
                        "weir_price", "retry-after", "access-control-allow-origin", "x-envoy-weir-retry-about-ms");
    }

    @Test
    void a_redirect_behind_a_side_is_none_to_the_agent() {
        alpha.plays((request, wire) -> wire.head(307, "location", "http://inner.example/", "content-length", "0"));

        Received received = chat("alone");

        assertThat(received.status()).isEqualTo(502);
        assertThat(received.text()).contains("provider_redirected").doesNotContain("inner.example");
    }
}
