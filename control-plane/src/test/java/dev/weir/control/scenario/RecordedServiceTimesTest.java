package dev.weir.control.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.control.ledger.RecordedCalls.Attempt;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RecordedServiceTimesTest {
    private static Attempt attempt(long start, long micros) {
        return new Attempt(start, micros, true, 1);
    }

    @Test
    void whoever_waited_and_whoever_was_not_answered_does_not_count() {
        List<Attempt> attempts = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            long at = i * 10_000_000L;
            attempts.add(attempt(at, 1_000_000)); // finds the one slot free
            attempts.add(attempt(at + 500_000, 1_500_000)); // waits for half a second
            attempts.add(new Attempt(at + 5_000_000, 4_000, false, 1)); // refused
        }
        RecordedServiceTimes times = RecordedServiceTimes.of(attempts, 1).orElseThrow();
        assertThat(times.samples()).isEqualTo(40);
        assertThat(times.meanSeconds()).isEqualTo(1, within(1e-9));
        assertThat(times.squaredVariation()).isZero();
        assertThat(RecordedServiceTimes.mostInFlight(attempts)).isEqualTo(2);
    }

    @Test
    void too_few_say_nothing() {
        assertThat(RecordedServiceTimes.of(List.of(attempt(0, 1)), 4)).isEmpty();
        assertThat(RecordedServiceTimes.mostInFlight(List.of())).isZero();
    }

    @Test
    void variation_is_variance_over_squared_mean() {
        List<Attempt> attempts = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            attempts.add(attempt(i * 10_000_000L, i % 2 == 0 ? 1_000_000 : 3_000_000));
        }
        assertThat(RecordedServiceTimes.of(attempts, 1).orElseThrow().squaredVariation())
                .isEqualTo(0.25, within(1e-9));
    }
}
