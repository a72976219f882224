package dev.weir.control.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.testing.RecordMaker;
import java.util.List;
import org.junit.jupiter.api.Test;

final class InboxFeedTest {
    private static final AccessRecord KNOWN = record();

    private static AccessRecord record() {
        return RecordMaker.attempt("id", 1).start(1_000).lasting(5_000, -1).make();
    }

    @Test
    void the_loop_hears_of_files_what_the_stream_may_have_lost_and_nothing_old() {
        Inbox inbox = new Inbox(10);
        long[] now = {2_000};
        InboxFeed feed = new InboxFeed(inbox, () -> now[0]);
        feed.storedRecords(List.of(KNOWN));
        now[0] = 4_000;
        feed.storedRecords(List.of(KNOWN));
        feed.connected("p", new SidecarProfile.Provider("127.0.0.1", 1, List.of("a")));
        feed.connected("c", SidecarProfile.Consumer.DEFAULT);
        assertThat(inbox.drain())
                .containsExactly(
                        new Event.Records(List.of(KNOWN)),
                        new Event.SideConnected("p"),
                        new Event.Connection("c", true));
    }
}
