package dev.weir.control.pick;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Checks take 1 ms to us, records 5 ms; the sidecar's clock is wrong. */
final class ReleaseLagTest {
    private static final long START = 1_800_000_000_000_000L;
    private static final long SECOND = 1_000_000L;

    private final ReleaseLag lag = new ReleaseLag();
    private long now = START;

    /** One attempt of 50 ms at a sidecar whose clock is ahead. */
    private double heard(String sidecar, long aheadMicros, long wayMicros, long lagMicros) {
        long came = now + aheadMicros;
        double seconds = lag.heard(sidecar, now + wayMicros, came, came + 50_000, now + 50_000 + lagMicros);
        now += SECOND / 10;
        return seconds;
    }

    @Test
    void clocks_that_differ_do_not_matter() {
        for (long ahead : new long[] {0, -3_600 * SECOND, 86_400 * SECOND}) {
            for (int i = 0; i < 50; i++) {
                assertThat(heard("s" + ahead, ahead, 1_000, 5_000)).isCloseTo(0.004, within(1e-9));
            }
        }
        assertThat(lag.seconds()).isCloseTo(0.004, within(1e-3));
    }

    @Test
    void one_check_that_was_long_on_its_way_does_not_hide_a_lag() {
        heard("s", 0, 1_000, 5_000);
        heard("s", 0, 400_000, 5_000);
        assertThat(heard("s", 0, 1_000, 200_000)).isCloseTo(0.199, within(1e-9));
    }

    @Test
    void a_clock_that_is_set_is_right_again_after_a_few_requests() {
        for (long step : new long[] {SECOND, 60 * SECOND, 3_600 * SECOND}) {
            heard("s", 0, 1_000, 5_000);
            assertThat(heard("s", -step, 1_000, 5_000))
                    .as("too much")
                    .isCloseTo(Math.min(60, 0.004 + step / 1e6), within(1e-9));
            heard("s", -step, 1_000, 5_000);
            heard("s", -step, 1_000, 5_000);
            assertThat(heard("s", -step, 1_000, 5_000)).isCloseTo(0.004, within(1e-9));
            assertThat(heard("s", 0, 1_000, 5_000)).as("the other way at once").isCloseTo(0.004, within(1e-9));
        }
        assertThat(lag.seconds()).as("mean").isLessThan(0.05);
    }

    @Test
    void nothing_is_negative_or_without_end() {
        assertThat(heard("s", 0, 1_000, -40_000)).isZero();
        heard("t", 0, 1_000, 5_000);
        assertThat(heard("t", -1_000_000 * SECOND, 1_000, 5_000)).isEqualTo(60);
        for (int i = 0; i < 10_000; i++) {
            heard("many-" + i, 0, 1_000, 5_000);
        }
    }
}
