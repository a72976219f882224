package dev.weir.control.pick;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.LoadReport.ClusterLoad;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class GaugesTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long START = Long.MAX_VALUE - 5 * SECOND; // monotonic time may wrap

    private final Gauges gauges = new Gauges(START);

    private final Map<String, Long> reported = new HashMap<>();

    /** A report that covers all the time since the one before. */
    private void report(String node, int instance, double seconds, long inFlight) {
        long at = at(seconds);
        Long before = reported.put(node + instance, at);
        report(node, instance, at, before == null ? SECOND : at - before, inFlight);
    }

    private void report(String node, int instance, long at, long interval, long inFlight) {
        gauges.report(new LoadReport(
                node,
                instance,
                at,
                inFlight == 0 ? List.of() : List.of(new ClusterLoad("m|a", inFlight, 0, 0, 0, Math.max(1, interval)))));
    }

    private static long at(double seconds) {
        return START + (long) (seconds * SECOND);
    }

    private double reportedUntil(double seconds) {
        return gauges.reportedUntil(at(seconds)).stream()
                .mapToDouble(nanos -> (nanos - START) / 1e9)
                .findFirst()
                .orElse(-1);
    }

    @Test
    void who_may_have_been_there_before_has_eight_seconds_to_be_heard_of() {
        assertThat(reportedUntil(100)).as("nobody").isEqualTo(-1);
        report("a", 0, 7, 1);
        assertThat(reportedUntil(7.9)).isEqualTo(-1);
        assertThat(reportedUntil(8)).isEqualTo(7);
        assertThat(gauges.known(at(7))).as("nobody is connected").isFalse();
        assertThat(gauges.known(at(8))).isTrue();
    }

    @Test
    void the_oldest_report_counts_until_its_sidecar_is_forgotten() {
        report("a", 0, 10, 1);
        report("b", 0, 10, 4);
        gauges.connection("b", true);
        gauges.connection("b", false);
        report("a", 0, 17, 1);
        gauges.turn(at(17));
        assertThat(reportedUntil(17)).isEqualTo(10);
        assertThat(gauges.fresh(at(17))).isFalse();
        assertThat(gauges.most("m|a", at(17))).isEqualTo(5);
        report("a", 0, 18.2, 1);
        gauges.turn(at(18.2));
        assertThat(reportedUntil(18.2)).isEqualTo(18.2);
        assertThat(gauges.fresh(at(18.2))).isTrue();
        assertThat(gauges.most("m|a", at(18.2))).isEqualTo(1);
    }

    @Test
    void one_that_is_connected_and_silent_is_never_forgotten_but_by_its_successor() {
        gauges.connection("a", true);
        report("a", 0, 10, 3);
        report("a", 1, 10, 2);
        gauges.turn(at(60));
        assertThat(reportedUntil(60)).isEqualTo(10);
        assertThat(gauges.most("m|a", at(60))).isEqualTo(5);
        assertThat(gauges.newest("m|a", at(60)))
                .as("too old to say what is there now")
                .isZero();
        report("a", 0, 61, 3);
        gauges.turn(at(61));
        assertThat(reportedUntil(61)).isEqualTo(61);
    }

    @Test
    void reports_that_a_line_held_back_tell_of_when_they_were_taken() {
        report("a", 0, at(10), SECOND / 4, 1);
        // twelve come in one moment, three seconds later
        for (int i = 1; i <= 12; i++) {
            report("a", 0, at(13) + i, SECOND / 4, 1);
            assertThat(reportedUntil(13)).isBetween(9.6 + i / 4.0, 10.1 + i / 4.0);
        }
        assertThat(gauges.fresh(at(13))).as("it is there").isTrue();
    }

    @Test
    void a_sidecar_that_was_started_anew_is_thought_to_be_late_for_a_while_only() {
        report("a", 0, at(10), SECOND / 4, 1);
        for (int i = 0; i < 200; i++) { // from 13 s on, of which only the last quarter is in the first one
            report("a", 0, at(13 + i / 4.0), SECOND / 4, 1);
        }
        assertThat(reportedUntil(62.75)).isGreaterThan(62.5);
    }

    @Test
    void reports_that_are_rare_are_waited_for() {
        gauges.expect(Duration.ofSeconds(10));
        report("a", 0, 40, 1);
        report("b", 0, 31, 1);
        gauges.turn(at(41));
        assertThat(reportedUntil(41)).isEqualTo(31);
        assertThat(gauges.fresh(at(41))).isTrue();
    }

    @Test
    void what_the_first_report_shows_was_there_before() {
        report("a", 0, 1, 3);
        assertThat(gauges.least("m|a", at(1))).isEqualTo(3);
        report("a", 0, 2, 2);
        assertThat(gauges.least("m|a", at(2))).isEqualTo(2);
        report("a", 0, 3, 0);
        assertThat(gauges.least("m|a", at(3))).isZero();
        gauges.turn(at(3));
        report("a", 0, 4, 5);
        assertThat(gauges.least("m|a", at(4)))
                .as("was not there for all of the turn")
                .isZero();
    }
}
