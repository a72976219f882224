package dev.weir.control.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.control.metrics.Latencies.Latency;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.testing.RecordMaker;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

final class LatenciesTest {
    private final AtomicLong clock = new AtomicLong(123_456_789_000L);
    private final Latencies latencies = new Latencies(clock::get);

    @Test
    void quantiles_are_within_a_hundredth() {
        for (int i = 1; i <= 1000; i++) {
            latencies.records(List.of(record(Kind.ATTEMPT, "a", i * 1000L, 200)));
        }
        Latency a = latency("a");
        assertThat(a.attempts()).isEqualTo(1000);
        assertThat(a.p50Millis()).isCloseTo(500, Percentage.withPercentage(1));
        assertThat(a.p99Millis()).isCloseTo(990, Percentage.withPercentage(1));
        assertThat(a.firstByteP50Millis()).isCloseTo(250, Percentage.withPercentage(1));
    }

    @Test
    void only_completed_attempts_count() {
        latencies.records(List.of(
                record(Kind.ATTEMPT, "a", 1000, 503),
                record(Kind.CALL, "a", 1000, 200),
                record(Kind.ATTEMPT, "", 1000, 200)));
        assertThat(latencies.read()).isEmpty();
    }

    @Test
    void what_is_older_than_ten_seconds_is_forgotten_step_by_step() {
        for (int second = 0; second < 10; second += 2) {
            latencies.records(List.of(record(Kind.ATTEMPT, "a", 1000, 200)));
            clock.addAndGet(2_000_000_000L);
        }
        assertThat(latency("a").attempts()).isEqualTo(4);
        clock.addAndGet(4_000_000_000L);
        assertThat(latency("a").attempts()).isEqualTo(2);
        clock.addAndGet(1_000_000_000_000L);
        assertThat(latencies.read()).isEmpty();
        latencies.records(List.of(record(Kind.ATTEMPT, "a", 2000, 200)));
        assertThat(latency("a").attempts()).isEqualTo(1);
        assertThat(latency("a").p50Millis()).isCloseTo(2, within(0.1));
    }

    @Test
    void absurd_durations_are_clipped() {
        latencies.records(List.of(record(Kind.ATTEMPT, "a", -5, 200), record(Kind.ATTEMPT, "a", Long.MAX_VALUE, 200)));
        assertThat(latency("a").p99Millis()).isCloseTo(3_600_000, Percentage.withPercentage(1));
    }

    @Test
    void the_number_of_providers_is_bounded_and_others_can_be_forgotten() {
        for (int i = 0; i < 1500; i++) {
            latencies.records(List.of(record(Kind.ATTEMPT, "p" + i, 1000, 200)));
        }
        assertThat(latencies.read()).hasSize(1000);
        latencies.retain(List.of("p1"));
        assertThat(latencies.read()).containsOnlyKeys("p1");
    }

    private Latency latency(String provider) {
        Map<String, Latency> read = latencies.read();
        return Objects.requireNonNull(read.get(provider));
    }

    private static AccessRecord record(Kind kind, String provider, long micros, int status) {
        return RecordMaker.record(kind, "r", 1)
                .lasting(micros, micros / 2)
                .pool("m")
                .provider(provider)
                .status(status)
                .make();
    }
}
