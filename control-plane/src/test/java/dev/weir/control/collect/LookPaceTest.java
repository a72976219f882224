package dev.weir.control.collect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LookPaceTest {
    private final LookPace pace = new LookPace();

    private int looks(int seconds, boolean busy) {
        int looks = 0;
        for (int left = seconds * 1_000; left > 0; looks++) {
            left -= pace.next(busy);
        }
        return looks;
    }

    @Test
    void a_log_at_rest_is_looked_at_a_tenth_as_often_as_one_that_grows() {
        assertThat(looks(60, true)).isEqualTo(3_000);
        assertThat(looks(60, false)).isBetween(300, 320);
    }

    @Test
    void the_first_line_after_a_rest_waits_for_no_more_than_one_long_look() {
        looks(60, false);
        assertThat(pace.next(false)).isEqualTo(LookPace.MAX_MILLIS);
        assertThat(pace.next(true)).isEqualTo(LookPace.MIN_MILLIS);
    }

    @Test
    void lines_that_come_twice_a_second_do_not_wait_for_it() {
        for (int i = 0; i < 100; i++) {
            pace.next(true);
            int waited = 0;
            int longest = 0;
            while (waited < 500) {
                longest = pace.next(false);
                waited += longest;
            }
            assertThat(longest).isLessThan(LookPace.MAX_MILLIS);
        }
    }
}
