package dev.weir.control.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RestartPaceTest {
    private static final Duration AT_ONCE = Duration.ofMillis(10);

    private final RestartPace pace = new RestartPace();

    @Test
    void who_ends_again_and_again_waits_longer_and_never_longer_than_half_a_minute() {
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            pauses.add(pace.next(AT_ONCE).toMillis());
        }
        assertThat(pauses).containsExactly(200L, 400L, 800L, 1600L, 3200L, 6400L, 12_800L, 25_600L, 30_000L, 30_000L);
        assertThat(pace.inARow()).isEqualTo(10);
        for (int i = 0; i < 100; i++) {
            assertThat(pace.next(AT_ONCE)).isEqualTo(Duration.ofSeconds(30));
        }
    }

    @Test
    void who_ran_for_a_while_is_back_at_once() {
        for (int i = 0; i < 10; i++) {
            Duration unused = pace.next(AT_ONCE);
        }
        assertThat(pace.next(Duration.ofMinutes(1))).isEqualTo(Duration.ofMillis(200));
        assertThat(pace.inARow()).isEqualTo(1);
    }
}
