package dev.weir.xds.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.xds.delivery.ResourceSet;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.telemetry.AccessRecord.GrantFacts;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import dev.weir.xds.testing.EnvoyProcess;
import dev.weir.xds.testing.ProviderFake;
import dev.weir.xds.testing.TestControlPlane;
import dev.weir.xds.testing.TestResources;
import dev.weir.xds.testing.TestResources.Member;
import dev.weir.xds.testing.TestSidecar;
import dev.weir.xds.wire.LimitHeader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls through a real sidecar: the file log and the access-log stream say the same of each. */
final class RecordsIT {
    private static final String CHAT = "{\"model\":\"m\",\"stream\":%s}";

    @TempDir
    Path directory;

    private final HttpClient agent =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final SidecarProfile.Consumer profile =
            new SidecarProfile.Consumer("127.0.0.1", EnvoyProcess.freePort(), "weir-access.log");
    private final TestControlPlane control = new TestControlPlane(0);
    private final ProviderFake failing = new ProviderFake(503);
    private final ProviderFake serving = new ProviderFake(200);
    private EnvoyProcess envoy;

    @BeforeEach
    void start() {
        envoy = TestSidecar.start(directory, "sidecar-1", profile, control.port());
    }

    @AfterEach
    void stop() {
        envoy.close();
        control.close();
        failing.close();
        serving.close();
    }

    @Test
    void json_and_streams_are_recorded_with_tokens_prices_and_epochs() throws Exception {
        deliver("3.17", new Member("b", 1_000_000, 12_345_678_901L, serving.port()));
        call("/v1/chat/completions?key=secret", CHAT.formatted("false"));
        call("/v1/chat/completions", CHAT.formatted("true"));

        List<AccessRecord> calls =
                same(4).stream().filter(r -> r.identity().kind() == Kind.CALL).toList();
        assertThat(calls).hasSize(2).allSatisfy(call -> {
            assertThat(call.completed()).isTrue();
            assertThat(call.identity().sidecar()).isEqualTo("sidecar-1");
            assertThat(call.route().pool()).isEqualTo("chat");
            assertThat(call.route().provider()).isEqualTo("b");
            assertThat(call.route().epoch()).isEqualTo("3.17");
            assertThat(call.route().price()).isEqualTo(12_345_678_901L);
            assertThat(call.route().priceNumber()).isEqualTo(7);
            assertThat(call.identity().attempt()).isEqualTo(1);
            assertThat(call.request().path()).isEqualTo("/v1/chat/completions");
            assertThat(call.request().model()).isEqualTo("m");
            assertThat(call.answer().usage()).isEqualTo(new Usage(11, 7, 18, 3));
            assertThat(call.check()).isEqualTo(new GrantFacts("3.17-42", "3.16", 110, 1_500, TestResources.PICK, 2));
            assertThat(call.timing().firstByteMicros())
                    .isBetween(1L, call.timing().durationMicros());
        });
        assertThat(calls).extracting(record -> record.request().streamed()).containsExactlyInAnyOrder(true, false);
        assertThat(calls).extracting(record -> record.request().bytesReceived()).containsExactlyInAnyOrder(28L, 27L);
        assertThat(logged()).doesNotContain("secret").doesNotContain("Bearer");
    }

    @Test
    void attempts_that_were_retried_are_recorded_one_by_one() throws Exception {
        deliver(
                "3.18",
                new Member("a", 500_000, 10, failing.port()),
                new Member("b", 500_000, 20, serving.port()),
                new Member("c", 500_000, 30, EnvoyProcess.freePort()));
        for (int i = 0; i < 20; i++) {
            call("/v1/chat/completions", CHAT.formatted("false"));
        }
        await().atMost(Duration.ofSeconds(20))
                .until(() -> of(Kind.CALL, control.telemetry().records()).size() == 20);
        int attempts = of(Kind.CALL, control.telemetry().records()).stream()
                .mapToInt(record -> record.identity().attempt())
                .sum();

        List<AccessRecord> records = same(20 + attempts);
        for (AccessRecord call : of(Kind.CALL, records)) {
            List<AccessRecord> own = of(Kind.ATTEMPT, records).stream()
                    .filter(r -> r.identity().requestId().equals(call.identity().requestId()))
                    .toList();
            assertThat(own)
                    .extracting(record -> record.identity().attempt())
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.rangeClosed(1, call.identity().attempt())
                                    .boxed()
                                    .toList());
            assertThat(own).allSatisfy(attempt -> {
                boolean last = attempt.identity().attempt() == call.identity().attempt();
                assertThat(attempt.completed()).isEqualTo(last && call.completed());
                assertThat(attempt.route().pool()).isEqualTo("chat");
                assertThat(attempt.route().epoch()).isEqualTo("3.18");
                assertThat(attempt.route().price())
                        .isEqualTo(Map.of("a", 10L, "b", 20L, "c", 30L)
                                .get(attempt.route().provider()));
            });
        }
        assertThat(records).extracting(record -> record.route().provider()).contains("a", "b", "c");
        assertThat(of(Kind.ATTEMPT, records))
                .filteredOn(r -> r.route().provider().equals("c"))
                .allSatisfy(r -> {
                    assertThat(r.outcome().flags()).isEqualTo("UF");
                    assertThat(r.timing().firstByteMicros()).isEqualTo(-1);
                });
    }

    @Test
    void an_answer_that_says_it_is_an_error_is_no_completed_call() throws Exception {
        deliver("3.18", new Member("b", 1_000_000, 20, serving.port()));
        call("/v1/error", CHAT.formatted("false"));
        List<AccessRecord> records = same(2);
        assertThat(of(Kind.CALL, records)).singleElement().satisfies(r -> {
            assertThat(r.outcome().status()).isEqualTo(200);
            assertThat(r.outcome().failed()).isTrue();
            assertThat(r.completed()).isFalse();
        });
        assertThat(of(Kind.ATTEMPT, records))
                .singleElement()
                .satisfies(r ->
                        assertThat(r.completed()).as("its record does not know").isTrue());
    }

    @Test
    void an_attempt_that_a_provider_side_refused_is_recorded_as_bounced() throws Exception {
        try (ProviderFake refusing = new ProviderFake(503, "x-envoy-overloaded", "true")) {
            deliver("3.18", new Member("a", 999_999, 10, refusing.port()), new Member("b", 1, 20, serving.port()));
            call("/v1/chat/completions", CHAT.formatted("false"));
            assertThat(of(Kind.ATTEMPT, same(3)))
                    .allSatisfy(r -> assertThat(r.outcome().bounced())
                            .isEqualTo(r.route().provider().equals("a")));
        }
    }

    @Test
    void what_a_provider_says_of_its_quotas_is_in_its_attempts_and_costs_little_where_it_says_nothing()
            throws Exception {
        try (ProviderFake limited = new ProviderFake(503, "anthropic-ratelimit-tokens-reset", "2026-12-01T00:01:00Z")) {
            deliver("3.18", new Member("a", 999_999, 10, limited.port()), new Member("b", 1, 20, serving.port()));
            call("/v1/chat/completions", CHAT.formatted("false"));
            assertThat(of(Kind.ATTEMPT, same(3)))
                    .allSatisfy(r -> assertThat(r.limits())
                            .isEqualTo(
                                    r.route().provider().equals("a")
                                            ? Map.of(LimitHeader.RESET_TOKENS, "2026-12-01T00:01:00Z")
                                            : Map.of()));
            assertThat(logged().lines()
                            .filter(line -> line.contains("\"provider\":\"b\"") && line.contains("UpstreamEnd")))
                    .singleElement()
                    .satisfies(line -> assertThat(line)
                            .contains("\"limits\":\"|||")
                            .doesNotContain("null")
                            .hasSizeLessThan(500));
        }
        try (ProviderFake endless = new ProviderFake(200, "x-ratelimit-limit-requests", "1".repeat(50_000))) {
            deliver("3.19", new Member("a", 1_000_000, 10, endless.port()));
            call("/v1/chat/completions", CHAT.formatted("false"));
            assertThat(of(Kind.ATTEMPT, same(5)))
                    .extracting(AccessRecord::limits)
                    .contains(Map.of());
        }
        assertThat(logged()).doesNotContain("1".repeat(64));
    }

    @Test
    void calls_that_did_not_end_well_are_recorded_as_such() throws Exception {
        deliver("3.19", new Member("b", 1_000_000, 20, serving.port()));
        call("/nowhere", "{}");
        // what came before the cut has reached the agent by then
        assertThatThrownBy(() -> call("/cut", "{}")).isInstanceOf(IOException.class);
        HttpRequest held =
                request("/hold", "{}").timeout(Duration.ofMillis(300)).build();
        try {
            agent.send(held, HttpResponse.BodyHandlers.ofString());
        } catch (HttpTimeoutException e) {
            // the agent left
        }
        List<AccessRecord> records = same(5);
        assertThat(records).noneMatch(AccessRecord::completed);
        assertThat(only(records, r -> r.request().path().equals("/nowhere"))).satisfies(r -> {
            assertThat(r.outcome().status()).isEqualTo(404);
            assertThat(r.identity().attempt()).isZero();
            assertThat(r.route().provider()).isEmpty();
            assertThat(r.route().pool()).isEmpty();
            assertThat(r.route().price()).isEqualTo(-1);
            assertThat(r.outcome().whole()).isTrue();
        });
        assertThat(only(
                        records,
                        r -> r.identity().kind() == Kind.CALL
                                && r.request().path().equals("/hold")))
                .satisfies(r -> {
                    assertThat(r.outcome().status()).isZero();
                    assertThat(r.outcome().flags()).isEqualTo("DC");
                    assertThat(r.outcome().whole()).isFalse();
                    assertThat(r.route().provider()).isEqualTo("b");
                });
        assertThat(records)
                .filteredOn(r -> r.identity().kind() == Kind.ATTEMPT)
                .allMatch(r -> !r.outcome().whole());
    }

    @Test
    void a_call_that_no_endpoint_could_take_names_no_provider() throws Exception {
        ResourceSet set = TestResources.set(profile, "3.20", List.of(new Member("b", 1_000_000, 20, serving.port())));
        control.delivery().publish(profile, new ResourceSet(set.clusters(), List.of(), set.listeners(), set.routes()));
        await().atMost(Duration.ofSeconds(20)).until(envoy::isReady);
        call("/v1/chat/completions", CHAT.formatted("false"));
        assertThat(same(1)).singleElement().satisfies(r -> {
            assertThat(r.identity().kind()).isEqualTo(Kind.CALL);
            assertThat(r.outcome().status()).isEqualTo(503);
            assertThat(r.outcome().flags()).contains("UH");
            assertThat(r.route().provider()).isEmpty();
            assertThat(r.route().price()).isEqualTo(-1);
            // Envoy counts what it began
            assertThat(r.identity().attempt()).isEqualTo(1);
            assertThat(r.route().pool()).isEqualTo("chat");
        });
    }

    private void deliver(String epoch, Member... members) {
        control.delivery().publish(profile, TestResources.set(profile, epoch, List.of(members)));
        await().atMost(Duration.ofSeconds(20)).until(envoy::isReady);
    }

    private HttpRequest.Builder request(String path, String body) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + profile.listenPort() + path))
                .header("content-type", "application/json")
                .header("authorization", "Bearer secret")
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private void call(String path, String body) throws IOException, InterruptedException {
        agent.send(request(path, body).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Waits until both ways have brought {@code count} records, and finds them equal, field by field. */
    private List<AccessRecord> same(int count) {
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            assertThat(byKey(control.telemetry().records())).hasSize(count);
            assertThat(byKey(fromFile())).hasSize(count);
        });
        assertThat(byKey(fromFile())).isEqualTo(byKey(control.telemetry().records()));
        assertThat(control.telemetry().rejections()).isEmpty();
        return fromFile();
    }

    private List<AccessRecord> fromFile() {
        List<AccessRecord> records = new ArrayList<>();
        for (String line : logged().lines().toList()) {
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            ParsedRecord parsed = RecordLine.parse("sidecar-1", bytes, 0, bytes.length);
            assertThat(parsed).as(line).isInstanceOf(ParsedRecord.Accepted.class);
            records.add(((ParsedRecord.Accepted) parsed).record());
        }
        return records;
    }

    private String logged() {
        try {
            return Files.readString(directory.resolve("weir-access.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<AccessRecord.Key, AccessRecord> byKey(List<AccessRecord> records) {
        return records.stream()
                .collect(Collectors.toMap(record -> record.identity().key(), Function.identity()));
    }

    private static List<AccessRecord> of(Kind kind, List<AccessRecord> records) {
        return records.stream().filter(r -> r.identity().kind() == kind).toList();
    }

    private static AccessRecord only(List<AccessRecord> records, Predicate<AccessRecord> which) {
        List<AccessRecord> found = records.stream().filter(which).toList();
        assertThat(found).hasSize(1);
        return found.get(0);
    }
}
