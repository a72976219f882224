package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.envoy.RawClient.End;
import dev.weir.control.envoy.RawClient.Received;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A provider that sends its callers elsewhere. */
@TestInstance(Lifecycle.PER_CLASS)
final class RedirectsIT {
    private EdgeMesh edges;

    @BeforeAll
    void start(@TempDir Path directory) {
        edges = new EdgeMesh(directory);
    }

    @BeforeEach
    void answerAsUsual() {
        edges.reset();
    }

    @AfterAll
    void stop() {
        edges.close();
    }

    private static void assertRefused(Received received, int status) {
        assertThat(received.status()).as(received.toString()).isEqualTo(502);
        assertThat(received.headers()).doesNotContainKeys("location", "set-cookie", "refresh");
        assertThat(received.header("content-type")).contains("application/json");
        assertThat(received.header("weir-provider")).contains("alpha");
        assertThat(received.text())
                .contains("\"code\":\"provider_redirected\"")
                .contains("(" + status + ")")
                .contains(received.header("x-request-id").orElseThrow())
                .doesNotContain("inner.example");
        assertThat(received.end()).isEqualTo(End.WHOLE);
    }

    @ParameterizedTest
    @CsvSource({
        "300, https://inner.example/v1/chat/completions",
        "301, https://inner.example/v1/chat/completions",
        "302, //inner.example/v1/chat/completions",
        "303, /v1/inner.example",
        "305, http://inner.example:3128",
        "307, /v1/chat/completions/",
        "308, http://inner.example:8080/v1/chat/completions",
        "399, ?inner.example",
    })
    void no_redirect_reaches_an_agent(int status, String location) {
        edges.alpha.plays((request, wire) -> wire.head(
                        status, "Location", location, "set-cookie", "a=b", "refresh", "0", "content-length", "5")
                .send("inner"));

        assertRefused(edges.chat("one"), status);
    }

    @Test
    void one_of_a_stream_or_of_a_path_pool_neither() {
        edges.alpha.plays((request, wire) -> wire.head(
                        307,
                        "location",
                        "http://inner.example/",
                        "content-type",
                        "text/event-stream",
                        "transfer-encoding",
                        "chunked")
                .chunk("data: inner.example\n\n")
                .end());

        assertRefused(
                RawClient.post(edges.sidecar.port(), "/v1/chat/completions", "{\"model\":\"one\",\"stream\":true}"),
                307);
        assertRefused(edges.call("GET", "/v1/files/x"), 307);
    }

    @Test
    void one_whose_body_never_ends_is_cut_off_and_the_connection_goes_on() throws Exception {
        CompletableFuture<Boolean> left = new CompletableFuture<>();
        edges.alpha.plays((request, wire) -> {
            wire.head(302, "location", "http://inner.example/", "transfer-encoding", "chunked")
                    .chunk("a");
            left.complete(wire.left(Duration.ofSeconds(20)));
        });
        try (RawClient client = RawClient.connect(edges.sidecar.port())) {
            byte[] call = RawClient.request(
                    "POST", "/v1/chat/completions", "{\"model\":\"one\"}", "content-type", "application/json");
            assertRefused(client.send(call).read(false, Duration.ofSeconds(10)), 302);
            assertThat(left.get()).isTrue();
            edges.reset();
            assertThat(client.send(call).read(false, Duration.ofSeconds(10)).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void another_provider_of_the_pool_is_asked_instead() {
        edges.alpha.plays(
                (request, wire) -> wire.head(308, "location", "https://inner.example/", "content-length", "0"));

        Received received = edges.chat("two");

        assertThat(received.status()).isEqualTo(200);
        assertThat(received.header("weir-provider")).contains("beta");
        assertThat(received.header("weir-attempts")).contains("2");
    }

    @Test
    void the_record_says_what_the_provider_said() {
        edges.alpha.plays((request, wire) -> wire.head(301, "location", "/x", "content-length", "0"));

        String id = edges.chat("one").header("x-request-id").orElseThrow();

        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            assertThat(edges.sidecar.records())
                    .filteredOn(record -> record.identity().requestId().equals(id))
                    .hasSize(2)
                    .anySatisfy(record -> {
                        assertThat(record.identity().kind()).isEqualTo(Kind.ATTEMPT);
                        assertThat(record.outcome().status()).isEqualTo(301);
                    })
                    .anySatisfy(record -> {
                        assertThat(record.identity().kind()).isEqualTo(Kind.CALL);
                        assertThat(record.outcome().status()).isEqualTo(502);
                        assertThat(record.completed()).isFalse();
                    });
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 202})
    void a_place_of_what_was_made_is_no_redirect(int status) {
        edges.alpha.plays((request, wire) -> wire.head(status, "location", "/v1/files/7", "content-length", "2")
                .send("{}"));

        Received received = edges.chat("one");

        assertThat(received.status()).isEqualTo(status);
        assertThat(received.header("location")).contains("/v1/files/7");
        assertThat(received.text()).isEqualTo("{}");
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 302, 304})
    void what_names_no_place_passes(int status) {
        edges.alpha.plays((request, wire) -> {
            if (status == 304) {
                wire.head(304, "etag", "x");
            } else {
                wire.head(status, "content-length", "2").send("{}".getBytes(StandardCharsets.UTF_8));
            }
        });

        assertThat(edges.chat("one", "if-none-match", "x").status()).isEqualTo(status);
    }
}
