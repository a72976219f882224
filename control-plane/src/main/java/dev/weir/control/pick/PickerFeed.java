package dev.weir.control.pick;

import dev.weir.xds.delivery.DeliveryListener;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.TelemetryListener;
import java.util.List;

/** What the picker hears of sidecars: what ended, what is in flight, and which consumers are there. Any thread. */
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

    /** Providers' proxies ask for no picks. */
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
