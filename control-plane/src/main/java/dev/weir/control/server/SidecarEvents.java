package dev.weir.control.server;

import com.google.errorprone.annotations.ThreadSafe;
import dev.weir.control.ledger.Vetting;
import dev.weir.xds.SparseLog;
import dev.weir.xds.delivery.DeliveryListener;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AttemptProgress;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.TelemetryListener;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/**
 * The one way from what sidecars and their files say to whoever listens, in the order of the lists. A listener that throws
 * costs the others nothing.
 */
@ThreadSafe
final class SidecarEvents implements TelemetryListener, DeliveryListener {
    private final SparseLog faults = new SparseLog(LoggerFactory.getLogger(SidecarEvents.class), System::nanoTime);
    private final LongAdder failures = new LongAdder();
    private final Vetting vetting;
    private final List<TelemetryListener> telemetry;
    private final List<DeliveryListener> delivery;

    /**
     * @param vetting says which fresh copies were never published: the ledger keeps them, nobody hears of them here
     * @param telemetry listeners, the one that needs it soonest first
     */
    SidecarEvents(Vetting vetting, List<TelemetryListener> telemetry, List<DeliveryListener> delivery) {
        this.vetting = vetting;
        this.telemetry = List.copyOf(telemetry);
        this.delivery = List.copyOf(delivery);
    }

    /** Since the start, how often a listener threw. */
    long failures() {
        return failures.sum();
    }

    private <T> void tell(List<T> listeners, Consumer<T> event) {
        for (T listener : listeners) {
            try {
                event.accept(listener);
            } catch (RuntimeException e) {
                failures.increment();
                String name = listener.getClass().getSimpleName();
                faults.warn(name, "{} could not take what sidecars said", name, e);
            }
        }
    }

    @Override
    public void load(LoadReport report) {
        tell(telemetry, each -> each.load(report));
    }

    @Override
    public void loadStreamClosed(String node) {
        tell(telemetry, each -> each.loadStreamClosed(node));
    }

    @Override
    public void records(List<AccessRecord> records) {
        List<AccessRecord> published = records.stream()
                .filter(record -> vetting.doubt(record, false).isEmpty())
                .toList();
        tell(telemetry, each -> each.records(published));
    }

    /** As they are: the ledger held them against what was published, and had the time to look up what is not in memory. */
    @Override
    public void storedRecords(List<AccessRecord> records) {
        tell(telemetry, each -> each.storedRecords(records));
    }

    @Override
    public void progress(List<AttemptProgress> attempts) {
        tell(telemetry, each -> each.progress(attempts));
    }

    @Override
    public void connected(String node, SidecarProfile profile) {
        tell(delivery, each -> each.connected(node, profile));
    }

    @Override
    public void disconnected(String node) {
        tell(delivery, each -> each.disconnected(node));
    }

    @Override
    public void acknowledged(String node, String typeUrl, long latencyNanos) {
        tell(delivery, each -> each.acknowledged(node, typeUrl, latencyNanos));
    }

    @Override
    public void refused(String node, String typeUrl, String message) {
        tell(delivery, each -> each.refused(node, typeUrl, message));
    }

    /** Both kinds of streams say so, and are counted and logged alike. */
    @Override
    public void rejected(String node, String kind, String message) {
        tell(telemetry, each -> each.rejected(node, kind, message));
    }
}
