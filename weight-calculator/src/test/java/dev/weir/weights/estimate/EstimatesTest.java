package dev.weir.weights.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class EstimatesTest {
    @Test
    void rate_is_right_from_the_first_interval_and_does_not_depend_on_how_often_it_is_fed() {
        DecayedRate once = new DecayedRate(1);
        DecayedRate often = new DecayedRate(1);
        once.add(100, 1);
        assertThat(once.perSecond()).isCloseTo(100, within(1e-9));
        for (int i = 0; i < 100; i++) {
            often.add(1, 0.01);
        }
        assertThat(often.perSecond()).isCloseTo(once.perSecond(), within(1e-9));
        once.add(0, 3);
        for (int i = 0; i < 300; i++) {
            often.add(0, 0.01);
        }
        assertThat(once.perSecond()).isCloseTo(often.perSecond(), within(1e-9)).isLessThan(7);
    }

    @Test
    void counts_after_a_gap_are_no_burst() {
        Demand demand = new Demand();
        for (int i = 0; i < 40; i++) {
            demand.observe(25, true, 0.25);
        }
        for (int i = 0; i < 40; i++) {
            demand.observe(0, false, 0.25);
        }
        assertThat(demand.level()).isCloseTo(100, within(1e-6));
        demand.observe(1_025, true, 0.25);
        assertThat(demand.level()).isCloseTo(100, within(1e-6));
        assertThat(demand.fast()).isCloseTo(100, within(1e-6));
    }

    @Test
    void gauges_are_believed_for_two_seconds_and_then_less_and_less() {
        assertThat(Freshness.of(-1)).isZero();
        assertThat(Freshness.of(0)).isEqualTo(1);
        assertThat(Freshness.of(2_000_000_000L)).isEqualTo(1);
        assertThat(Freshness.of(5_000_000_000L)).isCloseTo(Math.exp(-1), within(1e-12));
        assertThat(Freshness.of(Long.MAX_VALUE)).isZero();
    }

    @Test
    void a_saturated_provider_is_trusted_with_what_it_completes() {
        SplittableRandom random = new SplittableRandom(5);
        TrustedCapacity capacity = new TrustedCapacity();
        capacity.declare(175, 175, 0);
        assertThat(capacity.trusted()).isEqualTo(175);
        for (int tick = 0; tick < 40; tick++) {
            capacity.declare(175, 175, 0.25);
            int done = 0;
            for (int i = 0; i < 1_000; i++) {
                done += random.nextDouble() < 52.5 * 0.25 / 1_000 ? 1 : 0;
            }
            capacity.observe(done, done, 0, 1, 7, true, false, 0.25);
        }
        assertThat(capacity.trusted()).isBetween(48.0, 68.0);
        for (int tick = 0; tick < 80; tick++) {
            capacity.declare(175, 175, 0.25);
            capacity.observe(20, 20, 20 * 0.04, 1, 7, false, false, 0.25);
        }
        assertThat(capacity.trusted()).isGreaterThan(160);
    }

    @Test
    void noise_does_not_cost_a_small_honest_provider_its_trust() {
        SplittableRandom random = new SplittableRandom(6);
        TrustedCapacity capacity = new TrustedCapacity();
        double sum = 0;
        for (int tick = 0; tick < 4_000; tick++) {
            capacity.declare(20, 20, 0.25);
            int done = 0;
            for (int i = 0; i < 100; i++) {
                done += random.nextDouble() < 0.05 ? 1 : 0;
            }
            capacity.observe(done, done, 0, 1, 1, true, false, 0.25);
            sum += capacity.trusted();
        }
        assertThat(sum / 4_000).isGreaterThan(18);
    }

    @Test
    void higher_declarations_count_slowly_lower_ones_at_once() {
        TrustedCapacity capacity = new TrustedCapacity();
        capacity.declare(100, 100, 0.25);
        for (int tick = 0; tick < 4; tick++) {
            capacity.declare(200, 200, 0.25);
        }
        assertThat(capacity.cap()).isBetween(102.0, 104.0);
        capacity.declare(50, 50, 0.25);
        assertThat(capacity.cap()).isEqualTo(50);
        assertThat(capacity.trusted()).isEqualTo(50);
    }

    /** {@code n} answers of {@code seconds} each. */
    private static AnswerTime answers(int n, double seconds) {
        AnswerTime time = new AnswerTime();
        time.observe(n, n * seconds, n * seconds * seconds, n * seconds);
        return time;
    }

    private static void silent(StallDetector detector, double inFlight, AnswerTime time, double seconds) {
        for (int i = 0; i < Math.round(seconds / 0.01); i++) {
            detector.observe(inFlight, time, 1, false, 0, true, 0.01);
        }
    }

    @Test
    void fourteen_missing_completions_are_a_stall_and_one_completion_clears_it() {
        StallDetector detector = new StallDetector();
        AnswerTime time = answers(300, 0.04);
        silent(detector, 7, time, 0.07);
        assertThat(detector.stalled(0)).isFalse();
        silent(detector, 7, time, 0.03);
        assertThat(detector.stalled(0)).isTrue();
        assertThat(detector.stalled(3)).as("nobody answers: we are deaf").isFalse();
        detector.observe(7, time, 1, true, 0, true, 0.25);
        assertThat(detector.stalled(0)).isFalse();
    }

    @Test
    void the_fewer_answers_were_seen_the_more_it_takes() {
        double last = 0;
        for (int n : new int[] {300, 50, 20, 6}) {
            StallDetector detector = new StallDetector();
            AnswerTime time = answers(n, 0.04);
            double seconds = 0;
            while (!detector.stalled(0)) {
                silent(detector, 7, time, 0.01);
                seconds += 0.01;
            }
            assertThat(seconds).as("%d answers", n).isGreaterThanOrEqualTo(last).isLessThan(0.6);
            last = seconds;
        }
        assertThat(last).isGreaterThan(0.2);
    }

    @Test
    void jobs_that_started_together_are_given_time_to_end_together() {
        StallDetector detector = new StallDetector();
        // a hundred ten-second jobs: a completion every .1 s is due, but none can come before 10 s
        AnswerTime time = answers(100, 10);
        for (int tick = 0; tick < 40; tick++) {
            detector.observe(100, time, 1, false, 0, true, 0.25);
            assertThat(detector.stalled(0)).isFalse();
        }
    }

    @Test
    void long_answers_among_many_short_ones_are_no_silence() {
        AnswerTime time = new AnswerTime();
        for (int i = 0; i < 10; i++) {
            time.observe(100, 0.2, 100 * 0.002 * 0.002, 0.2);
            time.observe(1, 60, 3600, 60);
        }
        assertThat(time.mean()).isLessThan(1);
        StallDetector detector = new StallDetector();
        silent(detector, 10, time, 60);
        assertThat(detector.stalled(0)).isFalse();
        silent(detector, 10, time, 60);
        assertThat(detector.stalled(0)).isTrue();
    }

    @Test
    void failures_suffice_where_nothing_is_in_flight_to_be_waited_for() {
        StallDetector detector = new StallDetector();
        AnswerTime time = answers(300, 4);
        detector.observe(0, time, 1, false, 14, true, 0.25);
        assertThat(detector.stalled(0)).isTrue();
        StallDetector busy = new StallDetector();
        silent(busy, 7, time, 1);
        busy.observe(7, time, 1, false, 100, true, 0.25);
        assertThat(busy.stalled(0)).as("turns away what it has no room for").isFalse();
    }

    @Test
    void bytes_that_flow_are_no_silence() {
        StallDetector detector = new StallDetector();
        AnswerTime time = answers(300, 0.04);
        for (int i = 0; i < 100; i++) {
            detector.observe(7, time, 1, true, 0, true, 0.25);
            assertThat(detector.stalled(0)).isFalse();
        }
    }

    @Test
    void an_idle_provider_is_never_stalled() {
        StallDetector detector = new StallDetector();
        AnswerTime time = answers(300, 0.04);
        for (int tick = 0; tick < 100_000; tick++) {
            detector.observe(0, time, 1, false, 0, false, 0.25);
        }
        assertThat(detector.stalled(0)).isFalse();
        assertThat(detector.due()).isZero();
    }

    @Test
    void ramp_doubles_while_the_provider_keeps_up_and_waits_while_not() {
        Ramp ramp = new Ramp();
        assertThat(ramp.whole()).isTrue();
        ramp.start(0.5);
        assertThat(ramp.whole()).as("after a short suspension").isTrue();
        ramp.start(10);
        assertThat(ramp.gamma()).isEqualTo(0.05);
        ramp.observe(100, 7, false, 5);
        ramp.observe(1, 7, true, 5);
        assertThat(ramp.gamma()).isEqualTo(0.05);
        for (int tick = 0; tick < 26; tick++) {
            ramp.observe(1, 7, false, 0.25);
        }
        assertThat(ramp.whole()).isTrue();
    }

    @Test
    void prediction_is_the_fluid_that_flowed_since_the_reading() {
        assertThat(BacklogPredictor.after(3, 100, 2, 0.05, 0.1)).isCloseTo(9, within(1e-12));
        SplittableRandom random = new SplittableRandom(8);
        for (int round = 0; round < 300; round++) {
            double slots = 1 + random.nextInt(10);
            double service = 0.02 + random.nextDouble();
            double arrivals = 2 * slots / service * random.nextDouble();
            double start = 3 * slots * random.nextDouble();
            double seconds = 2 * random.nextDouble();
            double n = start;
            int steps = 20_000;
            for (int i = 0; i < steps; i++) {
                n += (arrivals - Math.min(n, slots) / service) * seconds / steps;
            }
            assertThat(BacklogPredictor.after(start, arrivals, slots, service, seconds))
                    .as("round %d", round)
                    .isCloseTo(n, within(0.01 * (1 + n)));
        }
    }

    @Test
    void peaks_are_kept_for_a_while() {
        PeakLoad peak = new PeakLoad();
        for (int i = 0; i < 400; i++) {
            peak.observe(25, 0.25);
        }
        assertThat(peak.perSecond()).isCloseTo(100, within(1e-6));
        peak.observe(100, 0.25);
        peak.observe(100, 0.25);
        double high = peak.perSecond();
        assertThat(high).isGreaterThan(250);
        for (int i = 0; i < 40; i++) {
            peak.observe(25, 0.25);
        }
        assertThat(peak.perSecond()).isBetween(180.0, high);
        for (int i = 0; i < 800; i++) {
            peak.observe(25, 0.25);
        }
        assertThat(peak.perSecond()).isLessThan(105);
    }
}
