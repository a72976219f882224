package dev.weir.control.server;

import com.google.errorprone.annotations.ThreadSafe;
import dev.weir.control.ledger.Ledger;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AttemptProgress;
import dev.weir.xds.telemetry.TelemetryListener;
import java.util.List;

/** Hands on what comes by the access-log stream: to whoever listens, and all of its records to the ledger too. */
@ThreadSafe
final class FreshRecords implements TelemetryListener {
    private final TelemetryListener events;
    private final Ledger ledger;

    FreshRecords(TelemetryListener events, Ledger ledger) {
        this.events = events;
        this.ledger = ledger;
    }

    /** The picker waits for ends, the ledger does not. */
    @Override
    public void records(List<AccessRecord> records) {
        events.records(records);
        ledger.offer(records);
    }

    @Override
    public void progress(List<AttemptProgress> attempts) {
        events.progress(attempts);
    }

    @Override
    public void rejected(String node, String kind, String message) {
        events.rejected(node, kind, message);
    }
}
