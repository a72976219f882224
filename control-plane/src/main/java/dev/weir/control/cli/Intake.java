package dev.weir.control.cli;

import dev.weir.control.ledger.Ledger;
import dev.weir.control.loop.Event;
import dev.weir.control.loop.Inbox;
import dev.weir.xds.delivery.DeliveryListener;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.TelemetryListener;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes what sidecars say, on gRPC's threads, to where it belongs: the inbox, the ledger, the log. Never blocks. */
final class Intake implements TelemetryListener, DeliveryListener {
    private static final Logger log = LoggerFactory.getLogger(Intake.class);
    /** Records of a file that ended longer ago say nothing of a provider's present. */
    private static final long FRESH_MICROS = 2_000_000;

    private final Inbox inbox;
    private final Ledger ledger;
    private final Consumer<SidecarProfile> arrivals;
    private final LongSupplier wallMillis;

    Intake(Inbox inbox, Ledger ledger, Consumer<SidecarProfile> arrivals, LongSupplier wallMillis) {
        this.inbox = inbox;
        this.ledger = ledger;
        this.arrivals = arrivals;
        this.wallMillis = wallMillis;
    }

    @Override
    public void load(LoadReport report) {
        inbox.offer(new Event.Load(report));
    }

    @Override
    public void loadStreamClosed(String node) {
        log.debug("sidecar {}: load-report stream ended", node);
    }

    @Override
    public void records(List<AccessRecord> records) {
        inbox.offer(new Event.Records(records));
        ledger.offer(records);
    }

    /** Records of a sidecar's file, stored already. The loop takes the young ones: the stream may have lost them. */
    void fileRecords(List<AccessRecord> records) {
        long oldest = wallMillis.getAsLong() * 1000 - FRESH_MICROS;
        List<AccessRecord> young = records.stream()
                .filter(record -> record.startMicros() + record.durationMicros() >= oldest)
                .toList();
        if (!young.isEmpty()) {
            inbox.offer(new Event.Records(young));
        }
    }

    @Override
    public void connected(String node, SidecarProfile profile) {
        log.info("sidecar {} connected, listens on {}:{}", node, profile.listenAddress(), profile.listenPort());
        arrivals.accept(profile);
        inbox.offer(new Event.Connection(node, true));
    }

    @Override
    public void disconnected(String node) {
        log.info("sidecar {} disconnected", node);
        inbox.offer(new Event.Connection(node, false));
    }

    @Override
    public void acknowledged(String node, String typeUrl, long latencyNanos) {}

    @Override
    public void refused(String node, String typeUrl, String message) {
        log.warn("sidecar {} refused {}: {}", node, typeUrl, message);
    }

    @Override
    public void rejected(String node, String kind, String message) {
        log.warn("sidecar {}: {}: {}", node, kind, message);
    }
}
