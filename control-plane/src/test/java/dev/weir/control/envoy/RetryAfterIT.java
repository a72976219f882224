package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.RawClient.Received;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** When those come back whom the mesh itself refuses for a while. */
@TestInstance(Lifecycle.PER_CLASS)
final class RetryAfterIT {
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

    private static long millis(Received received) {
        return Long.parseLong(received.header("retry-after-ms").orElseThrow());
    }

    private static void assertAbout(Received received, long about) {
        assertThat(millis(received)).isBetween(about * 3 / 4, about * 5 / 4 + 1);
        assertThat(received.header("retry-after")).contains(Long.toString((millis(received) + 999) / 1000));
        assertThat(received.headers()).doesNotContainKey("x-envoy-weir-retry-about-ms");
    }

    @Test
    void shed_calls_are_told_both_ways_and_each_its_own_time() {
        List<Long> told = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Received received = edges.chat("none");
            assertThat(received.status()).isEqualTo(429);
            assertAbout(received, 1_000);
            told.add(millis(received));
        }

        assertThat(told.stream().distinct().count()).isGreaterThan(35);
        assertThat(told.stream().map(each -> (each + 999) / 1000).distinct()).containsExactlyInAnyOrder(1L, 2L);
    }

    @Test
    void a_503_of_the_mesh_says_it_too() {
        Received received = edges.chat("gone");

        assertThat(received.status()).isEqualTo(503);
        assertAbout(received, 1_000);
    }

    @Test
    void what_a_provider_says_is_its_own() {
        edges.alpha.plays((request, wire) -> wire.head(
                429,
                "retry-after-ms",
                "70",
                "Retry-After",
                "Wed, 21 Oct 2015 07:28:00 GMT",
                "x-should-retry",
                "false",
                "x-envoy-weir-retry-about-ms",
                "5",
                "content-length",
                "0"));

        Received received = edges.chat("one");

        assertThat(received.status()).isEqualTo(429);
        assertThat(received.header("retry-after-ms")).contains("70");
        assertThat(received.header("retry-after")).contains("Wed, 21 Oct 2015 07:28:00 GMT");
        assertThat(received.header("x-should-retry")).contains("false");
        assertThat(received.headers()).doesNotContainKey("x-envoy-weir-retry-about-ms");
    }

    @Test
    void a_providers_503_is_told_nothing() {
        edges.alpha.plays((request, wire) -> wire.head(503, "content-length", "0"));

        Received received = edges.chat("one");

        assertThat(received.status()).isEqualTo(503);
        assertThat(received.headers()).doesNotContainKeys("retry-after", "retry-after-ms");
    }

    @Test
    void what_is_no_refusal_for_a_while_says_nothing() {
        assertThat(edges.chat("one").headers()).doesNotContainKeys("retry-after", "retry-after-ms");
        assertThat(edges.chat("unknown").headers()).doesNotContainKeys("retry-after", "retry-after-ms");
    }
}
