package dev.weir.xds.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class RetryAfterTest {
    private final Random random = new Random(8);

    private LongStream told(long about, int requests) {
        return LongStream.range(0, requests)
                .map(i -> RetryAfter.of(about, new UUID(random.nextLong(), random.nextLong()).toString())
                        .millis());
    }

    @Test
    void it_stays_near_what_was_said_and_its_mean_is_that() {
        assertThat(told(1_000, 10_000)).allMatch(millis -> millis >= 750 && millis <= 1_250);
        assertThat(told(1_000, 10_000).average().orElse(0)).isBetween(990.0, 1_010.0);
    }

    @Test
    void requests_refused_together_do_not_come_back_together() {
        assertThat(told(1_000, 50).distinct().count()).isGreaterThan(40);
        assertThat(told(30_000, 1_000).map(millis -> millis / 1_000).distinct().count())
                .isGreaterThan(12);
    }

    @Test
    void ids_that_are_almost_equal_are_told_times_that_are_not() {
        assertThat(LongStream.range(0, 100)
                        .map(i -> RetryAfter.of(10_000, "request-" + i).millis() / 100)
                        .distinct()
                        .count())
                .isGreaterThan(30);
    }

    @Test
    void one_that_is_asked_again_is_told_the_same() {
        assertThat(RetryAfter.of(700, "a")).isEqualTo(RetryAfter.of(700, "a"));
    }

    @Test
    void it_is_never_longer_than_clients_heed_and_never_none() {
        assertThat(told(60_000, 1_000)).allMatch(millis -> millis >= 36_000 && millis <= 60_000);
        assertThat(told(Long.MAX_VALUE, 100)).allMatch(millis -> millis <= 60_000);
        assertThat(told(0, 100)).allMatch(millis -> millis >= 1);
        assertThat(told(-5, 100)).allMatch(millis -> millis >= 1);
        assertThat(RetryAfter.of(100, "").millis()).isPositive();
    }

    @Test
    void seconds_are_the_milliseconds_rounded_up() {
        assertThat(new RetryAfter(1).headers()).isEqualTo(Map.of("retry-after-ms", "1", "retry-after", "1"));
        assertThat(new RetryAfter(1_000).headers()).containsEntry("retry-after", "1");
        assertThat(new RetryAfter(1_001).headers()).containsEntry("retry-after", "2");
        assertThat(new RetryAfter(60_000).headers()).containsEntry("retry-after", "60");
    }
}
