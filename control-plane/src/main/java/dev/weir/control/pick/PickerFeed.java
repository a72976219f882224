package dev.weir.control.pick;

import com.google.errorprone.annotations.ThreadSafe;
import dev.weir.xds.delivery.DeliveryListener;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.TelemetryListener;
import java.util.List;

/** Tells the picker what it hears of sidecars: what ended, what is in flight, and which consumers are there. */
@ThreadSafe
public final class PickerFeed implements TelemetryListener, DeliveryListener {
    private final Picker picker;

    public PickerFeed(Picker picker) {
        this.picker = picker;
    }

    @Override
    public void load(LoadReport report) {
        picker.load(report);
    }

    @Override
    public void records(List<AccessRecord> records) {
        picker.records(records);
    }

    /** Tells of a consumer's sidecar; providers' proxies ask for no picks. */
    @Override
    public void connected(String node, SidecarProfile profile) {
        if (profile instanceof SidecarProfile.Consumer) {
            picker.connection(node, true);
        }
    }

    @Override
    public void disconnected(String node) {
        picker.connection(node, false);
    }
}
