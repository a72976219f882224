package dev.weir.control.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.xds.telemetry.LoadReport;
import java.util.List;
import org.junit.jupiter.api.Test;

final class InboxTest {
    private static final Event LOAD = new Event.Load(new LoadReport("a", 0, List.of()));
    private static final Event CONNECTION = new Event.Connection("a", true);

    @Test
    void keeps_the_order() {
        Inbox inbox = new Inbox(10);
        inbox.offer(LOAD);
        inbox.offer(CONNECTION);
        assertThat(inbox.drain()).containsExactly(LOAD, CONNECTION);
        assertThat(inbox.drain()).isEmpty();
    }

    @Test
    void telemetry_beyond_the_bound_is_dropped_and_counted_but_nothing_else_is() {
        Inbox inbox = new Inbox(2);
        for (int i = 0; i < 5; i++) {
            inbox.offer(LOAD);
        }
        inbox.offer(CONNECTION);
        assertThat(inbox.dropped()).isEqualTo(3);
        assertThat(inbox.drain()).containsExactly(LOAD, LOAD, CONNECTION);
        assertThat(inbox.size()).isZero();
    }

    @Test
    void a_bound_of_nothing_is_refused() {
        assertThatThrownBy(() -> new Inbox(0)).hasMessage("capacity: 0 (expected: at least 1)");
    }
}
