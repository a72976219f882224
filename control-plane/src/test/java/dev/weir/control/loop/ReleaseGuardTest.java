package dev.weir.control.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.threads.OneThread;
import dev.weir.xds.telemetry.LoadReport;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReleaseGuardTest {
    private final LoadState loads = new LoadState(new OneThread());

    private void reports(String node) {
        loads.report(new LoadReport(node, 0, List.of()));
    }

    @Test
    void a_fresh_process_waits_for_its_inputs_only() {
        ReleaseGuard hold = new ReleaseGuard(new OneThread(), 0, false);
        assertThat(hold.holds(0, loads, false)).isTrue();
        assertThat(hold.holds(0, loads, true)).isFalse();
    }

    @Test
    void a_restored_one_waits_until_every_connected_sidecar_has_reported() {
        ReleaseGuard hold = new ReleaseGuard(new OneThread(), 0, true);
        hold.connection("a", true);
        hold.connection("b", true);
        reports("a");
        assertThat(hold.holds(1, loads, true)).isTrue();
        reports("b");
        assertThat(hold.holds(1, loads, true)).isFalse();
        hold.connection("late", true);
        assertThat(hold.holds(2, loads, true)).as("once open, it stays open").isFalse();
    }

    @Test
    void a_sidecar_that_went_away_is_not_waited_for() {
        ReleaseGuard hold = new ReleaseGuard(new OneThread(), 0, true);
        hold.connection("a", true);
        hold.connection("b", true);
        hold.connection("b", false);
        reports("a");
        assertThat(hold.holds(1, loads, true)).isFalse();
    }

    @Test
    void nobody_is_waited_for_longer_than_the_limit() {
        ReleaseGuard hold = new ReleaseGuard(new OneThread(), 0, true);
        assertThat(hold.holds(ReleaseGuard.LIMIT_NANOS - 1, loads, true)).isTrue();
        assertThat(hold.holds(ReleaseGuard.LIMIT_NANOS, loads, true)).isFalse();
    }
}
