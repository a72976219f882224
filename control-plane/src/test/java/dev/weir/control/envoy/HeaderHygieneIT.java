package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.envoy.RawClient.Received;
import dev.weir.control.envoy.RawProvider.Seen;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What leaves the mesh towards providers, byte for byte, and what of a provider's words reaches agents. */
@TestInstance(Lifecycle.PER_CLASS)
final class HeaderHygieneIT {
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

    @Test
    void a_plain_call_carries_nothing_of_the_way() {
        edges.chat("one", "user-agent", "OpenAI/Python", "OpenAI-Organization", "org-1", "x-stainless-lang", "python");

        assertThat(edges.alpha.last().headers().keySet())
                .containsExactlyInAnyOrder(
                        "host",
                        "content-type",
                        "content-length",
                        "accept-encoding",
                        "user-agent",
                        "openai-organization",
                        "x-stainless-lang",
                        "x-request-id",
                        "weir-attempt",
                        "weir-epoch",
                        "weir-price",
                        "weir-price-epoch");
        assertThat(edges.alpha.last().headers()).containsEntry("accept-encoding", "identity");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip, deflate, br, zstd", "*;q=1", "identity;q=0, gzip", ""})
    void answers_are_asked_for_uncompressed_whatever_the_agent_says(String asked) {
        edges.chat("one", "accept-encoding", asked);

        assertThat(edges.alpha.last().headers()).containsEntry("accept-encoding", "identity");
    }

    @Test
    void retries_carry_no_more_than_first_attempts_and_records_know_both() {
        edges.alpha.plays((request, wire) -> wire.head(503, "content-length", "0"));

        Received received = edges.chat("two", "accept-encoding", "gzip");

        assertThat(received.status()).isEqualTo(200);
        assertThat(received.header("weir-attempts")).contains("2");
        Seen first = edges.alpha.last();
        Seen second = edges.beta.last();
        assertThat(first.headers()).containsEntry("weir-attempt", "1").containsEntry("accept-encoding", "identity");
        assertThat(second.headers()).containsEntry("weir-attempt", "2").containsEntry("accept-encoding", "identity");
        for (Seen seen : List.of(first, second)) {
            assertThat(seen.headers().keySet())
                    .noneMatch(name -> name.startsWith("x-envoy") || name.startsWith("x-forwarded"));
        }
        String id = received.header("x-request-id").orElseThrow();
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(edges.sidecar.records().stream()
                                .filter(record -> record.identity().kind() == Kind.ATTEMPT
                                        && record.identity().requestId().equals(id))
                                .map(record -> record.identity().attempt()))
                        .containsExactlyInAnyOrder(1, 2));
    }

    @Test
    void attempts_that_never_met_a_provider_have_their_numbers() {
        Received received = edges.chat("gone");

        String id = received.header("x-request-id").orElseThrow();
        int attempts = Integer.parseInt(received.header("weir-attempts").orElseThrow());
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(edges.sidecar.records().stream()
                                .filter(record -> record.identity().kind() == Kind.ATTEMPT
                                        && record.identity().requestId().equals(id))
                                .map(record -> record.identity().attempt())
                                .distinct())
                        .hasSize(attempts)
                        .allMatch(attempt -> attempt >= 1 && attempt <= attempts));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x-original-url",
                "X-Rewrite-URL",
                "x-http-method-override",
                "x-http-method",
                "X-Method-Override",
                "x-original-method",
                "x-original-uri",
                "x-original-host",
                "x-forwarded",
                "x-forwarded-for",
                "x-forwarded-host",
                "x-forwarded-prefix",
                "x-forwarded-uri",
                "x-forwarded-scheme",
                "x-forwarded-port",
                "x-forwarded-server",
                "x-forwarded-ssl",
                "x-forwarded-user",
                "x-forwarded-proto",
                "Forwarded",
                "x-real-ip",
                "x-host",
                "x-client-ip",
                "true-client-ip",
                "cf-connecting-ip",
                "x-remote-user",
                "remote-user",
                "proxy",
                "x-accel-mapping",
                "x-middleware-subrequest",
                "x-envoy-decorator-operation",
                "weir-attempt-of-mine",
                "authorization",
                "x-api-key",
            })
    void what_would_override_the_request_or_name_its_sender_is_gone_in_both_spellings(String name) {
        String other = name.replace('-', '_');

        edges.chat("one", name, "/v1/organization/admin", "x-mine", "stays");
        assertGone(edges.alpha.last().headers(), name);
        edges.chat("one", other, "/v1/organization/admin", "x-mine", "stays");
        assertGone(edges.alpha.last().headers(), other);
    }

    private static void assertGone(Map<String, String> seen, String name) {
        assertThat(seen).doesNotContainKey(name.toLowerCase(Locale.ROOT)).containsEntry("x-mine", "stays");
    }

    @Test
    void an_agent_cannot_give_its_call_an_id_or_a_number() {
        edges.chat("one", "x_request_id", "mine", "X-Request-Id", "mine", "weir_attempt", "7", "weir-attempt", "7");

        Map<String, String> seen = edges.alpha.last().headers();
        assertThat(seen).containsEntry("weir-attempt", "1").doesNotContainKeys("x_request_id", "weir_attempt");
        assertThat(seen.get("x-request-id")).matches("[0-9a-f-]{36}");
    }

    @Test
    void headers_like_those_that_are_removed_stay() {
        String[] stay = {
            "x-originals",
            "a",
            "forwarded-by",
            "b",
            "x-methods",
            "c",
            "x_custom",
            "d",
            "via",
            "e",
            "proxy-hint",
            "f",
            "x-forwardedfor",
            "g",
            "OpenAI-Project",
            "h",
            "Idempotency-Key",
            "i"
        };
        edges.chat("one", stay);

        for (int i = 0; i < stay.length; i += 2) {
            assertThat(edges.alpha.last().headers()).containsEntry(stay[i].toLowerCase(Locale.ROOT), stay[i + 1]);
        }
    }

    @Test
    void a_provider_cannot_speak_for_the_mesh_or_to_browsers() {
        edges.alpha.plays((request, wire) -> wire.head(
                        200,
                        "content-type",
                        "application/json",
                        "weir_price",
                        "0",
                        "Weir-Provider",
                        "beta",
                        "weir_provider",
                        "beta",
                        "x-envoy-upstream-service-time",
                        "0",
                        "access-control-allow-origin",
                        "*",
                        "access-control-allow-credentials",
                        "true",
                        "x-ratelimit-remaining-requests",
                        "9",
                        "openai-processing-ms",
                        "12",
                        "content-length",
                        "2")
                .send("{}"));

        Received received = edges.chat("one");

        assertThat(received.header("weir-provider")).contains("alpha");
        assertThat(received.headers()).doesNotContainKeys("weir_price", "weir_provider");
        assertThat(received.headers().keySet())
                .noneMatch(name -> name.startsWith("x-envoy") || name.startsWith("access-control"));
        assertThat(received.header("x-ratelimit-remaining-requests")).contains("9");
        assertThat(received.header("openai-processing-ms")).contains("12");
    }
}
