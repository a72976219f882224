package dev.weir.control.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class PatientClockTest {
    private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

    private Instant wall = START;
    private long nanos = 77;
    private final PatientClock clock = new PatientClock(() -> wall, () -> nanos);

    private Duration after(Duration time) {
        wall = wall.plus(time);
        nanos += time.toNanos();
        return Duration.between(START, clock.instant());
    }

    @Test
    void it_says_what_a_right_clock_says() {
        assertThat(after(Duration.ZERO)).isZero();
        assertThat(after(Duration.ofMinutes(1))).isEqualTo(Duration.ofMinutes(1));
        wall = wall.plusSeconds(2); // corrected a little
        assertThat(after(Duration.ofMinutes(1))).isEqualTo(Duration.ofSeconds(122));
    }

    @Test
    void a_month_ahead_is_believed_after_three_days_and_a_month_back_at_once() {
        wall = wall.plus(Duration.ofDays(31));
        assertThat(after(Duration.ofMinutes(1))).isEqualTo(Duration.ofMinutes(10));
        assertThat(after(Duration.ofDays(1))).isLessThan(Duration.ofDays(11));
        assertThat(after(Duration.ofDays(3))).isEqualTo(Duration.ofDays(35).plusMinutes(1));
        wall = wall.minus(Duration.ofDays(31));
        assertThat(after(Duration.ZERO)).isEqualTo(Duration.ofDays(4).plusMinutes(1));
    }

    @Test
    void a_step_that_is_taken_back_leaves_nothing_behind() {
        wall = wall.plus(Duration.ofDays(400));
        assertThat(after(Duration.ofHours(1))).isEqualTo(Duration.ofHours(10));
        wall = wall.minus(Duration.ofDays(400));
        assertThat(after(Duration.ofHours(1))).isEqualTo(Duration.ofHours(2));
    }
}
