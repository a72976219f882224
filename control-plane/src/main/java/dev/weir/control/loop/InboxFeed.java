package dev.weir.control.loop;

import com.google.errorprone.annotations.ThreadSafe;
import dev.weir.xds.delivery.DeliveryListener;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AttemptProgress;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.TelemetryListener;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * What sidecars say, as events for the loop. Of the records that files bring it hears those that are young: the stream may
 * have lost them. Older ones, as a collector brings after an outage, say nothing of a provider's present.
 */
@ThreadSafe
public final class InboxFeed implements TelemetryListener, DeliveryListener {
    private static final long YOUNG_MICROS = 2_000_000;

    private final Inbox inbox;
    private final LongSupplier wallMillis;

    /** @param wallMillis wall clock, which records go by */
    public InboxFeed(Inbox inbox, LongSupplier wallMillis) {
        this.inbox = inbox;
        this.wallMillis = wallMillis;
    }

    @Override
    public void load(LoadReport report) {
        inbox.offer(new Event.Load(report));
    }

    @Override
    public void records(List<AccessRecord> records) {
        inbox.offer(new Event.Records(records));
    }

    @Override
    public void storedRecords(List<AccessRecord> records) {
        long oldest = wallMillis.getAsLong() * 1000 - YOUNG_MICROS;
        List<AccessRecord> young = records.stream()
                .filter(record ->
                        record.timing().startMicros() + record.timing().durationMicros() >= oldest)
                .toList();
        if (!young.isEmpty()) {
            inbox.offer(new Event.Records(young));
        }
    }

    @Override
    public void progress(List<AttemptProgress> attempts) {
        inbox.offer(new Event.Progress(attempts));
    }

    @Override
    public void connected(String node, SidecarProfile profile) {
        inbox.offer(
                profile instanceof SidecarProfile.Provider
                        ? new Event.SideConnected(node)
                        : new Event.Connection(node, true));
    }

    @Override
    public void disconnected(String node) {
        inbox.offer(new Event.Connection(node, false));
    }
}
