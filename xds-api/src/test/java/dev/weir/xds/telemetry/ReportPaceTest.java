package dev.weir.xds.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class ReportPaceTest {
    private static final Duration BUSY = Duration.ofMillis(250);

    private long nanos = Long.MAX_VALUE - 1; // a monotonic clock may pass its end

    private ReportPace pace(Duration busy) {
        return new ReportPace(busy, () -> nanos);
    }

    /** What a sidecar does: waits for as long as it was last told to, reports, and is told anew. */
    private int reports(ReportPace pace, Duration time, boolean busy) {
        int reports = 0;
        for (long left = time.toNanos(); left > 0; reports++) {
            if (busy) {
                pace.stir();
            }
            long wait = pace.interval().toNanos();
            nanos += wait;
            left -= wait;
        }
        return reports;
    }

    @Test
    void a_minute_of_rest_takes_a_quarter_of_the_reports_and_a_busy_one_takes_all() {
        ReportPace pace = pace(BUSY);
        assertThat(reports(pace, Duration.ofMinutes(1), true)).isEqualTo(240);
        reports(pace, Duration.ofNanos(ReportPace.AWAKE_NANOS), false);
        assertThat(reports(pace, Duration.ofMinutes(1), false)).isEqualTo(60);
    }

    @Test
    void what_happens_wakes_it_at_once_and_once() {
        ReportPace pace = pace(BUSY);
        AtomicInteger woken = new AtomicInteger();
        pace.onWake(woken::incrementAndGet);
        nanos += ReportPace.AWAKE_NANOS;
        assertThat(pace.interval()).isEqualTo(ReportPace.AT_REST);
        pace.stir();
        pace.stir();
        assertThat(pace.interval()).isEqualTo(BUSY);
        assertThat(woken).hasValue(1);
    }

    @Test
    void it_stays_awake_for_a_while_after_the_last_that_happened() {
        ReportPace pace = pace(BUSY);
        nanos += ReportPace.AWAKE_NANOS - 1;
        pace.stir();
        nanos += ReportPace.AWAKE_NANOS - 1;
        assertThat(pace.interval()).isEqualTo(BUSY);
        nanos += 1;
        assertThat(pace.interval()).isEqualTo(ReportPace.AT_REST);
    }

    @Test
    void who_asked_for_fewer_gets_no_more_at_rest() {
        ReportPace pace = pace(Duration.ofSeconds(5));
        nanos += ReportPace.AWAKE_NANOS;
        assertThat(pace.interval()).isEqualTo(Duration.ofSeconds(5));
        assertThatThrownBy(() -> pace(Duration.ofNanos(999_999)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 ms or more");
    }
}
