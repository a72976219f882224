package dev.weir.control.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.threads.OneThread;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.LoadReport.ClusterLoad;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LoadStateTest {
    private static final long SECOND = 1_000_000_000L;
    private final LoadState book = new LoadState(new OneThread());

    private static LoadReport report(String node, long atNanos, ClusterLoad... loads) {
        return new LoadReport(node, atNanos, List.of(loads));
    }

    private static ClusterLoad load(String cluster, long inFlight, long issued) {
        return new ClusterLoad(cluster, inFlight, issued, 0, 0, SECOND / 4);
    }

    @Test
    void gauges_of_one_sidecar_replace_and_of_two_add() {
        book.report(report("a", 0, load("m|p", 5, 0)));
        book.report(report("a", SECOND, load("m|p", 3, 0)));
        book.report(report("b", SECOND, load("m|p", 4, 0)));
        assertThat(book.inFlight("m|p")).isEqualTo(7);
    }

    @Test
    void gauges_of_two_sidecars_that_share_an_id_add() {
        book.report(new LoadReport("a", 0, 0, List.of(load("m|p", 10, 1))));
        book.report(new LoadReport("a", 1, SECOND / 8, List.of(load("m|p", 3, 1))));
        book.report(new LoadReport("a", 0, SECOND / 4, List.of(load("m|p", 9, 1))));
        assertThat(book.inFlight("m|p")).isEqualTo(12);
        assertThat(book.takeIssued("m|p")).isEqualTo(3);
        assertThat(book.hasReported("a")).isTrue();
        book.report(new LoadReport("a", 0, 7 * SECOND, List.of(load("m|p", 9, 1))));
        book.expire(7 * SECOND);
        assertThat(book.inFlight("m|p")).isEqualTo(9);
    }

    @Test
    void a_sidecar_that_misses_two_reports_is_not_heard() {
        for (int i = 0; i <= 4; i++) {
            book.report(report("gone", i * SECOND / 4, load("m|p", 5, 0)));
            book.report(report("here", i * SECOND / 4, load("m|p", 2, 0)));
        }
        book.report(report("here", SECOND * 5 / 4, load("m|p", 2, 0)));
        assertThat(book.unheard("m|p", SECOND * 5 / 4)).isZero();
        book.report(report("here", 2 * SECOND, load("m|p", 2, 0)));
        assertThat(book.unheard("m|p", 2 * SECOND)).isEqualTo(5);
        assertThat(book.inFlight("m|p")).isEqualTo(7);
        book.report(report("gone", 2 * SECOND, load("m|p", 4, 0)));
        assertThat(book.unheard("m|p", 2 * SECOND)).isZero();
    }

    @Test
    void one_that_reports_seldom_is_not_late_for_it() {
        book.report(report("slow", SECOND, load("m|p", 5, 0)));
        book.report(report("slow", 3 * SECOND, load("m|p", 5, 0)));
        assertThat(book.unheard("m|p", 7 * SECOND)).isZero();
        assertThat(book.unheard("m|p", 8 * SECOND)).isEqualTo(5);
    }

    @Test
    void a_cluster_missing_from_a_later_report_has_nothing_in_flight() {
        book.report(report("a", 0, load("m|p", 5, 0), load("m|q", 1, 0)));
        book.report(report("a", SECOND, load("m|q", 1, 0)));
        assertThat(book.inFlight("m|p")).isZero();
    }

    @Test
    void a_gauge_outlives_the_redial_of_a_stream_and_no_more() {
        book.report(report("a", 0, load("m|p", 5, 0)));
        book.expire(LoadState.GAUGE_LIFE_NANOS);
        assertThat(book.inFlight("m|p")).isEqualTo(5);
        assertThat(book.ageNanos(5 * SECOND)).isEqualTo(5 * SECOND);
        book.expire(LoadState.GAUGE_LIFE_NANOS + 1);
        assertThat(book.inFlight("m|p")).isZero();
        assertThat(book.ageNanos(7 * SECOND)).isNegative();
    }

    @Test
    void counters_add_until_taken() {
        book.report(report("a", 0, load("m|p", 0, 5)));
        book.report(report("a", 1, load("m|p", 0, 6)));
        assertThat(book.takeIssued("m|p")).isEqualTo(11);
        assertThat(book.takeIssued("m|p")).isZero();
    }

    @Test
    void what_no_sidecar_can_have_is_clipped_and_counted() {
        book.report(report("a", 0, load("m|p", Long.MAX_VALUE, -7)));
        book.report(report("b", 0, load("m|p", Long.MAX_VALUE, Long.MIN_VALUE)));
        assertThat(book.inFlight("m|p")).isEqualTo(LoadState.GAUGE_LIMIT);
        assertThat(book.takeIssued("m|p")).isZero();
        assertThat(book.clipped()).isEqualTo(4);
    }
}
