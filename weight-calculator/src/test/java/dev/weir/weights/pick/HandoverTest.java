package dev.weir.weights.pick;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A pool with a mean service time of 50 ms, of which a pick saves 20. */
final class HandoverTest {
    private static final double SERVICE = 0.050;
    private static final double GAIN = 0.020;
    private static final double FINE = 0.001;
    private static final double NOTHING = Double.NaN;

    private final Handover handover = new Handover();
    private long second;

    private boolean look(double check, double record) {
        return handover.look(check, record, SERVICE, GAIN, ++second * 1_000_000_000L);
    }

    /** Seconds until it is what {@code over} says, at most 1 000. */
    private int until(boolean over, double check, double record) {
        for (int i = 1; i <= 1_000; i++) {
            if (look(check, record) == over) {
                return i;
            }
        }
        return Integer.MAX_VALUE;
    }

    @Test
    void a_healthy_control_plane_keeps_the_pick() {
        assertThat(until(true, 0.002, 0.002)).isEqualTo(Integer.MAX_VALUE);
        // short jobs, a machine with other work, and nothing to win
        Handover quick = new Handover();
        for (int i = 1; i <= 1_000; i++) {
            assertThat(quick.look(0.002, 0.002, 0.005, 0, i * 1_000_000_000L)).isFalse();
        }
    }

    @Test
    void it_goes_over_when_answers_take_longer_than_a_pick_saves() {
        assertThat(until(true, GAIN * 0.99, FINE)).isEqualTo(Integer.MAX_VALUE);
        assertThat(until(true, GAIN * 1.01, FINE)).isEqualTo(Handover.BAD_LOOKS);
    }

    @Test
    void it_goes_over_when_records_come_later_than_a_service_time() {
        assertThat(until(true, FINE, SERVICE * 0.99)).isEqualTo(Integer.MAX_VALUE);
        assertThat(until(true, FINE, SERVICE * 1.01)).isEqualTo(Handover.BAD_LOOKS);
    }

    @Test
    void one_bad_second_is_none() {
        for (int i = 0; i < 500; i++) {
            assertThat(look(i % Handover.BAD_LOOKS == 0 ? FINE : 1, FINE)).isFalse();
        }
    }

    @Test
    void what_is_not_known_is_no_reason_to_go_over_and_none_to_stay() {
        look(1, FINE);
        look(1, FINE);
        assertThat(look(NOTHING, NOTHING)).isFalse(); // nothing was heard: neither good nor bad
        assertThat(look(1, FINE)).isTrue();
        assertThat(until(false, NOTHING, NOTHING)).isEqualTo(Handover.SILENT_LOOKS);
    }

    @Test
    void news_that_come_seldom_are_waited_for() {
        until(true, 1, FINE);
        for (int i = 1; i <= 500; i++) {
            assertThat(i % 8 == 0 ? look(1, FINE) : look(NOTHING, NOTHING)).isTrue();
        }
        for (int i = 1; i < 16; i++) {
            assertThat(i % 8 == 0 ? look(FINE, FINE) : look(NOTHING, NOTHING)).isTrue();
        }
        assertThat(look(FINE, FINE)).as("good news twice, eight seconds apart").isFalse();
    }

    @Test
    void it_returns_after_a_while_of_calm_only() {
        until(true, 1, FINE);
        assertThat(until(false, FINE, FINE)).isEqualTo((int) Handover.STAY_SECONDS);
        until(true, 1, FINE);
        for (int i = 0; i < 500; i++) {
            assertThat(look(i % Handover.CALM_LOOKS == 0 ? GAIN * 0.6 : FINE, FINE))
                    .isTrue();
        }
        assertThat(until(false, FINE, FINE)).isLessThanOrEqualTo(Handover.CALM_LOOKS);
    }

    @Test
    void each_relapse_stays_twice_as_long_and_a_good_minute_forgives() {
        int expected = (int) Handover.STAY_SECONDS;
        for (int i = 0; i < 10; i++) {
            until(true, 1, FINE);
            assertThat(until(false, FINE, FINE)).isEqualTo(expected);
            expected = Math.min((int) Handover.MAX_STAY_SECONDS, 2 * expected);
        }
        for (int i = 0; i < 61; i++) {
            look(FINE, FINE);
        }
        until(true, 1, FINE);
        assertThat(until(false, FINE, FINE)).isEqualTo((int) Handover.STAY_SECONDS);
    }

    @Test
    void limits_stay_between_three_milliseconds_and_a_service_time() {
        assertThat(Handover.mostCheckSeconds(0.050, 0)).isEqualTo(0.003);
        assertThat(Handover.mostCheckSeconds(4, 0)).isEqualTo(0.2);
        assertThat(Handover.mostCheckSeconds(0.050, 0.020)).isEqualTo(0.020);
        assertThat(Handover.mostCheckSeconds(0.050, 5)).isEqualTo(0.050);
        assertThat(Handover.mostCheckSeconds(0.001, 0)).isEqualTo(0.003);
        assertThat(Handover.mostRecordSeconds(0.001)).isEqualTo(0.010);
        assertThat(Handover.mostRecordSeconds(4)).isEqualTo(4);
    }
}
