package dev.weir.control.envoy;

import static org.awaitility.Awaitility.await;

import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Image;
import dev.weir.weights.bounce.SideLimits;
import dev.weir.xds.bounds.ByteBudget;
import dev.weir.xds.check.AnswerListener;
import dev.weir.xds.check.CheckAnswer;
import dev.weir.xds.check.CheckHandler;
import dev.weir.xds.check.CheckService;
import dev.weir.xds.delivery.AdsDelivery;
import dev.weir.xds.delivery.DeliveryListener;
import dev.weir.xds.delivery.RuntimeDelivery;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.delivery.SidecarView;
import dev.weir.xds.server.XdsServer;
import dev.weir.xds.telemetry.AccessLogService;
import dev.weir.xds.telemetry.CallsService;
import dev.weir.xds.telemetry.ReportPace;
import dev.weir.xds.testing.RecordedTelemetry;
import io.grpc.BindableService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** What the control plane is to sidecars, without the loop: the test says what was decided. */
final class TestMesh implements AutoCloseable {
    /** Does not care what becomes of answers. */
    private static final AnswerListener UNHEARD = new AnswerListener() {
        @Override
        public void arrived() {}

        @Override
        public void left() {}
    };

    private static final Duration SOON = Duration.ofMillis(20);

    private final ExecutorService pushes = Executors.newSingleThreadExecutor();
    private final List<String> refusals = new CopyOnWriteArrayList<>();
    private final RecordedTelemetry telemetry = new RecordedTelemetry();
    private final AtomicLong skippedNanos = new AtomicLong();
    private final ReportPace pace =
            new ReportPace(Duration.ofMillis(250), () -> System.nanoTime() + skippedNanos.get());
    private final CheckHandler checks;
    private final AdsDelivery delivery;
    private final ConsumerXdsPublisher publisher;
    private final ProviderXdsPublisher sides;
    private final RuntimeDelivery runtime;
    private final LimitPublisher limiter;
    private final XdsServer server;
    private final Map<String, List<String>> addresses = new TreeMap<>();
    private final Map<String, SideLimits> limits = new TreeMap<>();
    private volatile Set<String> handedOver = Set.of();
    private long tick;

    TestMesh() {
        this(0);
    }

    /** @param port 0 = any free one */
    TestMesh(int port) {
        this(port, (check, answer) -> {
            answer.accept(CheckAnswer.Pass.UNCHANGED);
            return UNHEARD;
        });
    }

    /** @param checks decides about requests of governed pools */
    TestMesh(CheckHandler checks) {
        this(0, checks);
    }

    private TestMesh(int port, CheckHandler checks) {
        this.checks = checks;
        delivery = new AdsDelivery(new Refusals(), pushes, System::nanoTime, System::currentTimeMillis);
        publisher = new ConsumerXdsPublisher(delivery, this::nanos);
        sides = new ProviderXdsPublisher(delivery, this::nanos);
        runtime = new RuntimeDelivery(new Refusals(), System::nanoTime);
        limiter = new LimitPublisher(runtime);
        try {
            server = XdsServer.start(new InetSocketAddress("127.0.0.1", port), services(), ByteBudget.ofHeap());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For the pace of reports, so much time passes now. */
    void skip(Duration time) {
        skippedNanos.addAndGet(time.toNanos());
    }

    ReportPace pace() {
        return pace;
    }

    private List<BindableService> services() {
        List<BindableService> services = new ArrayList<>(delivery.services());
        services.add(runtime);
        services.add(new CheckService(checks));
        services.add(new AccessLogService(telemetry, pace));
        services.add(new CallsService(pace));
        return services;
    }

    private final class Refusals implements DeliveryListener {
        @Override
        public void connected(String node, SidecarProfile profile) {
            if (profile instanceof SidecarProfile.Consumer consumer) {
                publisher.arrived(consumer);
            } else if (profile instanceof SidecarProfile.Provider provider) {
                sides.arrived(provider);
            }
        }

        @Override
        public void disconnected(String node) {}

        @Override
        public void acknowledged(String node, String typeUrl, long latencyNanos) {}

        @Override
        public void refused(String node, String typeUrl, String message) {
            refusals.add(typeUrl + ": " + message);
        }

        @Override
        public void rejected(String node, String kind, String message) {
            refusals.add(kind + ": " + message);
        }
    }

    int port() {
        return server.port();
    }

    /** What sidecars reported by stream. */
    RecordedTelemetry telemetry() {
        return telemetry;
    }

    /** What sidecars refused so far. */
    List<String> refusals() {
        return List.copyOf(refusals);
    }

    void forgetRefusals() {
        refusals.clear();
    }

    List<SidecarView> sidecars() {
        return delivery.sidecars();
    }

    /** Time passes by ticks. */
    private long nanos() {
        return tick * 250_000_000L;
    }

    /** One tick of 250 ms. Every provider without an address of its own is at 127.0.0.1. */
    void tick(Config config, Decision decision) {
        tick++;
        Image image = Meshes.image(tick, config, decision);
        Map<String, List<String>> all = new TreeMap<>(image.addresses());
        all.putAll(addresses);
        Image whole = Meshes.image(tick, config, decision, all, limits, handedOver);
        publisher.publish(whole, true);
        sides.publish(whole, true);
        limiter.publish(whole, true);
    }

    /** Ticks until {@code sidecar} has the decision. */
    void apply(Config config, Decision decision, Sidecar sidecar) {
        await().atMost(Duration.ofSeconds(30))
                .pollDelay(Duration.ZERO)
                .pollInterval(SOON)
                .until(() -> {
                    tick(config, decision);
                    return sidecar.serves(decision.epoch().toString());
                });
    }

    /** Ticks until {@code sidecar} has the decision and {@code side} listens. */
    void apply(Config config, Decision decision, Sidecar sidecar, ProviderProxy side) {
        apply(config, decision, sidecar);
        await().atMost(Duration.ofSeconds(30))
                .pollDelay(Duration.ZERO)
                .pollInterval(SOON)
                .until(() -> {
                    tick(config, decision);
                    return side.listens();
                });
    }

    /** What the next ticks say of a provider's side; before the first of these nothing is said of any. */
    void limit(String provider, int first, int further, double levelSeconds) {
        limits.put(provider, new SideLimits(first, further, further, levelSeconds));
    }

    /** From the next tick on these governed pools go by their split. */
    void handOver(String... pools) {
        handedOver = Set.of(pools);
    }

    /** As when the process ends as it was told to. */
    void rest() {
        limiter.rest();
    }

    void address(String provider, String... ips) {
        addresses.put(provider, List.of(ips));
    }

    @Override
    public void close() {
        server.close();
        pushes.shutdownNow();
    }
}
