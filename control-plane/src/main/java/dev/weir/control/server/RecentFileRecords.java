package dev.weir.control.server;

import dev.weir.control.loop.Event;
import dev.weir.control.loop.Inbox;
import dev.weir.xds.telemetry.AccessRecord;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Gives the loop those records of files that are young: the stream may have lost them. Older ones, as a collector brings
 * after an outage, say nothing of a provider's present.
 */
final class RecentFileRecords implements Consumer<List<AccessRecord>> {
    private static final long YOUNG_MICROS = 2_000_000;

    private final Inbox inbox;
    private final LongSupplier wallMillis;

    RecentFileRecords(Inbox inbox, LongSupplier wallMillis) {
        this.inbox = inbox;
        this.wallMillis = wallMillis;
    }

    @Override
    public void accept(List<AccessRecord> records) {
        long oldest = wallMillis.getAsLong() * 1000 - YOUNG_MICROS;
        List<AccessRecord> young = records.stream()
                .filter(record -> record.startMicros() + record.durationMicros() >= oldest)
                .toList();
        if (!young.isEmpty()) {
            inbox.offer(new Event.Records(young));
        }
    }
}
