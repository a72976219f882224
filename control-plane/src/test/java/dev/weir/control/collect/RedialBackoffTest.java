package dev.weir.control.collect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LongSummaryStatistics;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class RedialBackoffTest {
    @Test
    void waits_grow_within_their_bounds_and_start_small_again_after_a_success() {
        RedialBackoff backoff = new RedialBackoff(new SplittableRandom(1));
        assertThat(backoff.nextNanos()).isBetween(100_000_000L, 200_000_000L);
        assertThat(backoff.nextNanos()).isBetween(100_000_000L, 400_000_000L);
        LongSummaryStatistics later =
                LongStream.range(0, 10_000).map(i -> backoff.nextNanos()).summaryStatistics();
        assertThat(later.getMin()).isBetween(100_000_000L, 110_000_000L);
        assertThat(later.getMax()).isBetween(990_000_000L, 1_000_000_000L);
        backoff.reset();
        assertThat(backoff.nextNanos()).isBetween(100_000_000L, 200_000_000L);
    }
}
