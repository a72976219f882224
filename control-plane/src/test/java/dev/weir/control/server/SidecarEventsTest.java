package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.usage.Doubt;
import dev.weir.xds.delivery.DeliveryListener;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.TelemetryListener;
import dev.weir.xds.testing.RecordMaker;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who hears what of sidecars. */
final class SidecarEventsTest {
    private static final AccessRecord KNOWN = record("known");
    private static final AccessRecord UNKNOWN = record("unknown");

    private final List<String> heard = new ArrayList<>();

    private static AccessRecord record(String id) {
        return RecordMaker.attempt(id, 1).start(1_000).lasting(5_000, -1).make();
    }

    private final class Listener implements TelemetryListener, DeliveryListener {
        private final String name;
        private final boolean throwing;

        Listener(String name, boolean throwing) {
            this.name = name;
            this.throwing = throwing;
        }

        private void hear(String what) {
            heard.add(name + " " + what);
            if (throwing) {
                throw new IllegalStateException(what);
            }
        }

        @Override
        public void load(LoadReport report) {
            hear("load");
        }

        @Override
        public void records(List<AccessRecord> records) {
            hear("records "
                    + records.stream()
                            .map(record -> record.identity().requestId())
                            .toList());
        }

        @Override
        public void storedRecords(List<AccessRecord> records) {
            hear("stored "
                    + records.stream()
                            .map(record -> record.identity().requestId())
                            .toList());
        }

        @Override
        public void connected(String node, SidecarProfile profile) {
            hear("connected " + node);
        }

        @Override
        public void rejected(String node, String kind, String message) {
            hear("rejected " + kind);
        }
    }

    private SidecarEvents events(boolean throwing) {
        Listener first = new Listener("first", throwing);
        Listener second = new Listener("second", false);
        return new SidecarEvents(
                (record, mayWait) ->
                        record.identity().requestId().equals("unknown") ? Optional.of(Doubt.EPOCH) : Optional.empty(),
                List.of(first, second),
                List.of(second, first));
    }

    @Test
    void all_hear_in_the_order_of_their_lists_and_of_fresh_copies_only_what_was_published() {
        SidecarEvents events = events(false);
        events.records(List.of(KNOWN, UNKNOWN));
        // the ledger has looked at these, with more time
        events.storedRecords(List.of(UNKNOWN, KNOWN));
        events.connected("c", SidecarProfile.Consumer.DEFAULT);
        events.rejected("c", "record", "no");
        assertThat(heard)
                .containsExactly(
                        "first records [known]",
                        "second records [known]",
                        "first stored [unknown, known]",
                        "second stored [unknown, known]",
                        "second connected c",
                        "first connected c",
                        "first rejected record",
                        "second rejected record");
    }

    @Test
    void a_listener_that_throws_costs_the_others_nothing_and_is_counted() {
        SidecarEvents events = events(true);
        events.records(List.of(KNOWN));
        events.connected("c", SidecarProfile.Consumer.DEFAULT);
        events.rejected("c", "record", "no");
        assertThat(heard)
                .containsExactly(
                        "first records [known]",
                        "second records [known]",
                        "second connected c",
                        "first connected c",
                        "first rejected record",
                        "second rejected record");
        assertThat(events.failures()).isEqualTo(3);
    }
}
