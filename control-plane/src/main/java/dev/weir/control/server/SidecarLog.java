package dev.weir.control.server;

import com.google.errorprone.annotations.ThreadSafe;
import dev.weir.xds.SparseLog;
import dev.weir.xds.delivery.DeliveryListener;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.telemetry.TelemetryListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an operator reads of sidecars in the log. */
@ThreadSafe
final class SidecarLog implements TelemetryListener, DeliveryListener {
    private static final Logger log = LoggerFactory.getLogger("dev.weir.control.sidecars");

    private final SparseLog rejections = new SparseLog(log, System::nanoTime);
    /** By node, so that one that comes and goes without end keeps no other out of the log. */
    private final SparseLog comings = new SparseLog(log, System::nanoTime);

    @Override
    public void loadStreamClosed(String node) {
        log.debug("sidecar {}: load-report stream ended", node);
    }

    @Override
    public void connected(String node, SidecarProfile profile) {
        comings.info(
                node, "sidecar {} connected, listens on {}:{}", node, profile.listenAddress(), profile.listenPort());
    }

    @Override
    public void disconnected(String node) {
        comings.info(node + " left", "sidecar {} disconnected", node);
    }

    @Override
    public void refused(String node, String typeUrl, String message) {
        rejections.warn("refused by " + node, "sidecar {} refused {}: {}", node, typeUrl, message);
    }

    @Override
    public void rejected(String node, String kind, String message) {
        rejections.warn(kind, "sidecar {}: {}: {}", node, kind, message);
    }
}
