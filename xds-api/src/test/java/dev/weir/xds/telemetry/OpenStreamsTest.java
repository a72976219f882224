package dev.weir.xds.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.xds.telemetry.OpenStreams.Belongs;
import org.junit.jupiter.api.Test;

final class OpenStreamsTest {
    private static final long LATE = OpenStreams.LATE_NANOS;

    private final OpenStreams streams = new OpenStreams();
    private final Object one = new Object();
    private final Object two = new Object();
    private final Object three = new Object();

    @Test
    void a_reconnection_takes_the_place_of_the_old_stream_whenever_that_is_seen_to_end() {
        streams.opened("n", one, 0);
        assertThat(streams.report("n", one, 1)).isEqualTo(Belongs.HERE);
        streams.opened("n", two, 10);
        // on its way when the stream broke
        assertThat(streams.report("n", one, 11)).isEqualTo(Belongs.NOWHERE);
        assertThat(streams.report("n", two, 12)).isEqualTo(Belongs.HERE);
        assertThat(streams.number("n", two)).isZero();
        assertThat(streams.closed("n", one)).isFalse();
        assertThat(streams.report("n", two, 13)).isEqualTo(Belongs.HERE);
        assertThat(streams.closed("n", two)).isTrue();
    }

    @Test
    void sidecars_that_share_an_id_have_a_place_each_from_the_first_report_on_that_only_they_can_have_sent() {
        streams.opened("n", one, 0);
        streams.opened("n", two, 0);
        streams.opened("n", three, 0);
        assertThat(streams.report("n", one, LATE)).isEqualTo(Belongs.ELSEWHERE_NOW);
        assertThat(streams.report("n", one, LATE + 1)).isEqualTo(Belongs.HERE);
        assertThat(streams.report("n", two, LATE)).isEqualTo(Belongs.ELSEWHERE_NOW);
        assertThat(streams.report("n", three, LATE)).isEqualTo(Belongs.HERE);
        assertThat(streams.number("n", one)).isEqualTo(1);
        assertThat(streams.number("n", two)).isEqualTo(2);
        assertThat(streams.number("n", three)).isZero();
    }

    @Test
    void one_of_two_that_reconnects_is_not_taken_for_a_third() {
        streams.opened("n", one, 0);
        streams.opened("n", two, 0);
        assertThat(streams.report("n", one, LATE)).isEqualTo(Belongs.ELSEWHERE_NOW);
        // the newest reconnects: its old stream says no more
        streams.opened("n", three, 2 * LATE);
        assertThat(streams.number("n", three)).isZero();
        assertThat(streams.report("n", one, 4 * LATE)).isEqualTo(Belongs.HERE);
        assertThat(streams.number("n", one)).isEqualTo(1);
    }

    @Test
    void nodes_know_nothing_of_each_other() {
        streams.opened("n", one, 0);
        streams.opened("m", two, 0);
        assertThat(streams.report("n", one, LATE)).isEqualTo(Belongs.HERE);
        assertThat(streams.closed("m", two)).isTrue();
        assertThat(streams.closed("m", two)).isFalse();
    }
}
