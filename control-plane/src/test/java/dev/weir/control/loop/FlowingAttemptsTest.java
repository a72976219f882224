package dev.weir.control.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.threads.OneThread;
import dev.weir.xds.telemetry.AttemptProgress;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FlowingAttemptsTest {
    private final FlowingAttempts flows = new FlowingAttempts(new OneThread());

    private void hear(String id, int attempt, String provider, long bytes) {
        flows.add(new AttemptProgress("sidecar", id, attempt, "m", provider, bytes));
    }

    @Test
    void an_answer_flows_while_its_bytes_grow() {
        hear("1", 1, "p", 0);
        assertThat(flows.take("m", "p")).as("open, and nothing came").isZero();
        hear("1", 1, "p", 10);
        hear("2", 1, "p", 4);
        hear("2", 1, "q", 9);
        assertThat(flows.take("m", "p")).isEqualTo(2);
        assertThat(flows.take("m", "p")).as("taken").isZero();
        hear("1", 1, "p", 10);
        hear("2", 1, "p", 3);
        assertThat(flows.take("m", "p")).as("stands, or less than before").isZero();
        hear("1", 1, "p", 11);
        assertThat(flows.take("m", "p")).isEqualTo(1);
    }

    @Test
    void attempts_are_told_apart_and_pools_that_went_are_forgotten() {
        hear("1", 1, "p", 10);
        hear("1", 2, "q", 10);
        assertThat(flows.take("m", "q")).isEqualTo(1);
        flows.retainPools(Set.of("other"));
        assertThat(flows.take("m", "p")).isZero();
        flows.add(new AttemptProgress("sidecar", "1", 1, "", "p", 20));
        flows.add(new AttemptProgress("sidecar", "1", 1, "m", "", 20));
        assertThat(flows.take("", "p") + flows.take("m", "")).isZero();
    }

    @Test
    void what_is_remembered_is_bounded_by_who_was_heard_of_last() {
        hear("first", 1, "p", 10);
        hear("second", 1, "p", 10);
        for (int i = 0; i < FlowingAttempts.REMEMBERED - 2; i++) {
            hear("other" + i, 1, "p", 1);
        }
        hear("first", 1, "p", 10);
        hear("one more", 1, "p", 0);
        flows.take("m", "p");
        hear("first", 1, "p", 10);
        assertThat(flows.take("m", "p")).as("still known").isZero();
        hear("second", 1, "p", 10);
        assertThat(flows.take("m", "p")).as("forgotten, so it counts anew").isEqualTo(1);
    }
}
