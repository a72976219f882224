package dev.weir.weights.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class BounceLimitTest {
    @Test
    void the_level_is_what_waits_over_what_is_served() {
        assertThat(BounceLimit.levelSeconds(83, 415)).isEqualTo(0.2);
        assertThat(BounceLimit.levelSeconds(-5, 415)).isZero();
        assertThat(BounceLimit.levelSeconds(5, 0)).isZero();
    }

    @Test
    void a_first_attempt_may_wait_as_long_as_the_pool_does_and_a_little_more() {
        // 7 + 175 * 0.2 + 0.5 sqrt(7)
        assertThat(BounceLimit.first(7, 175, 0.2, 0.5, 2)).isEqualTo(42 + 0.5 * Math.sqrt(7));
        assertThat(BounceLimit.first(1, 20, 0, 0.5, 2)).isEqualTo(1.5);
    }

    @Test
    void no_attempt_waits_longer_than_the_longest_wait() {
        assertThat(BounceLimit.further(7, 175, 2)).isEqualTo(357);
        // however long the pool's queues are: else the limit would grow with the queue that it is to end
        assertThat(BounceLimit.first(7, 175, 100, 0.5, 2)).isEqualTo(357);
    }

    @Test
    void it_rests_at_two_square_roots() {
        assertThat(BounceLimit.resting(4)).isEqualTo(8);
        assertThat(SideLimits.resting(7, 175, 2)).isEqualTo(new SideLimits(13, 357, 357, 0));
        assertThat(SideLimits.resting(-3, Double.NaN, 2)).isEqualTo(new SideLimits(3, 3, 3, 0));
        assertThat(new SideLimits(40, 1, 357, 2).atRest(7)).isEqualTo(new SideLimits(13, 357, 357, 0));
    }

    @Test
    void a_limit_is_never_nothing_and_never_everything() {
        assertThat(SideLimits.rounded(Double.NaN)).isEqualTo(1);
        assertThat(SideLimits.rounded(-7)).isEqualTo(1);
        assertThat(SideLimits.rounded(Double.POSITIVE_INFINITY)).isEqualTo(1_000_000);
    }
}
