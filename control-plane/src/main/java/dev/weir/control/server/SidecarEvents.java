package dev.weir.control.server;

import dev.weir.control.ledger.Ledger;
import dev.weir.control.ledger.Vetting;
import dev.weir.control.loop.Event;
import dev.weir.control.loop.Inbox;
import dev.weir.control.metrics.DeliveryMetrics;
import dev.weir.control.metrics.Latencies;
import dev.weir.control.metrics.TelemetryMetrics;
import dev.weir.control.pick.Picker;
import dev.weir.xds.SparseLog;
import dev.weir.xds.delivery.DeliveryListener;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AttemptProgress;
import dev.weir.xds.telemetry.FileRecords;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.TelemetryListener;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes what sidecars say, on gRPC's threads, to where it belongs: the inbox, the ledger, the log. Never blocks. */
final class SidecarEvents implements TelemetryListener, DeliveryListener {
    private static final Logger log = LoggerFactory.getLogger(SidecarEvents.class);
    private final Inbox inbox;
    private final Ledger ledger;
    private final Picker picker;
    private final Vetting vetting;
    private final Latencies latencies;
    private final Consumer<SidecarProfile> arrivals;
    private final SparseLog rejections = new SparseLog(log, System::nanoTime);
    /** By node, so that one that comes and goes without end keeps no other out of the log. */
    private final SparseLog comings = new SparseLog(log, System::nanoTime);

    private final TelemetryMetrics telemetryMetrics;
    private final DeliveryMetrics deliveryMetrics;

    /**
     * @param clusters whether a cluster of this name is or was in the configuration
     * @param arrivals told of each sidecar that connected
     * @param vetting says what was never published: the ledger keeps it, nobody else hears of it
     */
    SidecarEvents(
            Inbox inbox,
            Ledger ledger,
            Latencies latencies,
            MeterRegistry registry,
            Predicate<String> clusters,
            Consumer<SidecarProfile> arrivals,
            Picker picker,
            Vetting vetting) {
        this.vetting = vetting;
        this.picker = picker;
        this.inbox = inbox;
        this.ledger = ledger;
        this.latencies = latencies;
        this.arrivals = arrivals;
        this.telemetryMetrics = new TelemetryMetrics(registry, clusters);
        this.deliveryMetrics = new DeliveryMetrics(registry);
    }

    /** {@code files}, with what goes through it counted. */
    FileRecords counted(FileRecords files) {
        return telemetryMetrics.counted(files);
    }

    @Override
    public void load(LoadReport report) {
        picker.load(report);
        inbox.offer(new Event.Load(report));
        telemetryMetrics.load(report);
    }

    @Override
    public void loadStreamClosed(String node) {
        log.debug("sidecar {}: load-report stream ended", node);
        telemetryMetrics.loadStreamClosed(node);
    }

    @Override
    public void records(List<AccessRecord> records) {
        List<AccessRecord> published = records.stream()
                .filter(record -> vetting.doubt(record, false).isEmpty())
                .toList();
        picker.records(published);
        inbox.offer(new Event.Records(published));
        ledger.offer(records);
        latencies.record(published);
        telemetryMetrics.records(published);
    }

    @Override
    public void progress(List<AttemptProgress> attempts) {
        inbox.offer(new Event.Progress(attempts));
    }

    @Override
    public void connected(String node, SidecarProfile profile) {
        comings.info(
                node, "sidecar {} connected, listens on {}:{}", node, profile.listenAddress(), profile.listenPort());
        arrivals.accept(profile);
        if (profile instanceof SidecarProfile.Provider) {
            inbox.offer(new Event.SideConnected(node));
        } else {
            picker.connection(node, true);
            inbox.offer(new Event.Connection(node, true));
        }
        deliveryMetrics.connected(node, profile);
    }

    @Override
    public void disconnected(String node) {
        comings.info(node + " left", "sidecar {} disconnected", node);
        picker.connection(node, false);
        inbox.offer(new Event.Connection(node, false));
        deliveryMetrics.disconnected(node);
    }

    @Override
    public void acknowledged(String node, String typeUrl, long latencyNanos) {
        deliveryMetrics.acknowledged(node, typeUrl, latencyNanos);
    }

    @Override
    public void refused(String node, String typeUrl, String message) {
        rejections.warn("refused by " + node, "sidecar {} refused {}: {}", node, typeUrl, message);
        deliveryMetrics.refused(node, typeUrl, message);
    }

    @Override
    public void rejected(String node, String kind, String message) {
        rejections.warn(kind, "sidecar {}: {}: {}", node, kind, message);
        telemetryMetrics.rejected(node, kind, message);
    }
}
