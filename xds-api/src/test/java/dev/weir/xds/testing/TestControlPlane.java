package dev.weir.xds.testing;

import dev.weir.xds.bounds.ByteBudget;
import dev.weir.xds.delivery.AdsDelivery;
import dev.weir.xds.delivery.SidecarView;
import dev.weir.xds.server.XdsServer;
import dev.weir.xds.telemetry.AccessLogService;
import dev.weir.xds.telemetry.CollectorService;
import dev.weir.xds.telemetry.LoadReportService;
import dev.weir.xds.telemetry.ReportPace;
import io.grpc.BindableService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** Everything that a control plane serves on one port, everything that they tell recorded. */
public final class TestControlPlane implements AutoCloseable {
    private final RecordedDelivery deliveryEvents = new RecordedDelivery();
    private final RecordedTelemetry telemetry = new RecordedTelemetry();
    private final ExecutorService pushes = Executors.newSingleThreadExecutor();
    private final AdsDelivery delivery =
            new AdsDelivery(deliveryEvents, pushes, System::nanoTime, System::currentTimeMillis);
    private final ExecutorService storage = Executors.newSingleThreadExecutor();
    private final RecordedFiles files = new RecordedFiles();
    private final AtomicLong skippedNanos = new AtomicLong();
    private final ReportPace pace =
            new ReportPace(Duration.ofMillis(100), () -> System.nanoTime() + skippedNanos.get());
    private final XdsServer server;

    /** @param port 0 = any free one */
    public TestControlPlane(int port) {
        List<BindableService> services = new ArrayList<>(delivery.services());
        services.add(new LoadReportService(pace, name -> name.startsWith("chat|"), System::nanoTime, telemetry));
        services.add(new AccessLogService(telemetry, pace));
        services.add(new CollectorService(files, storage, telemetry));
        try {
            server = XdsServer.start(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port), services, ByteBudget.ofHeap());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For the pace of reports, so much time passes now. */
    public void skip(Duration time) {
        skippedNanos.addAndGet(time.toNanos());
    }

    public int port() {
        return server.port();
    }

    public AdsDelivery delivery() {
        return delivery;
    }

    public RecordedDelivery events() {
        return deliveryEvents;
    }

    public RecordedTelemetry telemetry() {
        return telemetry;
    }

    public RecordedFiles files() {
        return files;
    }

    /** What one sidecar has of one type. */
    public SidecarView.TypeState state(String node, String typeUrl) {
        return delivery.sidecars().stream()
                .filter(view -> view.node().equals(node))
                .findFirst()
                .map(view -> view.types().get(typeUrl))
                .orElse(SidecarView.TypeState.NOTHING);
    }

    @Override
    public void close() {
        server.close();
        pushes.shutdownNow();
        storage.shutdownNow();
    }
}
