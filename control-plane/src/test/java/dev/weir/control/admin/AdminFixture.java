package dev.weir.control.admin;

import dev.weir.control.metrics.Latencies;
import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Epoch;
import dev.weir.control.quota.QuotaState;
import dev.weir.control.store.DecisionStore;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.delivery.SidecarView;
import dev.weir.xds.delivery.SidecarView.TypeState;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.testing.RecordMaker;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** What an admin port reads, made by hand. */
final class AdminFixture {
    final AtomicLong wallMillis = new AtomicLong(1_800_000_000_000L);
    final AtomicLong nanos = new AtomicLong();
    final Latencies latencies = new Latencies(nanos::get);
    final AdminPublisher live = new AdminPublisher(latencies);
    volatile List<QuotaState> quotas = List.of();
    final FakeLedger ledger = new FakeLedger();
    final AtomicBoolean xdsOpen = new AtomicBoolean(true);
    final Map<Epoch, Decision> stored = new ConcurrentHashMap<>();

    AdminSources sources() {
        return new AdminSources(
                live,
                new Stored(),
                ledger,
                AdminFixture::sidecars,
                () -> "# HELP weir_x x\nweir_x 1.0\n",
                xdsOpen::get,
                () -> quotas);
    }

    /** Runs {@code mesh} for some steps; time of the fixture moves along, and each second is kept in the history. */
    void run(FluidMesh mesh, Config config, int steps) {
        for (int i = 0; i < steps; i++) {
            var image = mesh.step();
            wallMillis.set(image.atMillis());
            nanos.addAndGet(FluidMesh.STEP_MILLIS * 1_000_000);
            mesh.decision().ifPresent(d -> stored.put(d.epoch(), d));
            for (String provider : config.providers().keySet()) {
                long micros = (long) (mesh.latency(provider) * 1e6);
                latencies.records(List.of(attempt(provider, micros)));
            }
            live.publish(image, false);
            if (image.tick() % 4 == 0) {
                live.sample();
            }
        }
    }

    static AccessRecord attempt(String provider, long micros) {
        return record(AccessRecord.Kind.ATTEMPT, "r", provider, micros, "m", "/v1/chat/completions", 200);
    }

    static AccessRecord record(
            AccessRecord.Kind kind, String id, String provider, long micros, String model, String path, int status) {
        boolean called = !provider.isEmpty();
        return RecordMaker.record(kind, id, called ? 1 : 0)
                .sidecar("sidecar-1")
                .start(1_800_000_000_000_000L)
                .lasting(micros, called ? micros / 2 : -1)
                .whole(called)
                .provider(provider)
                .price("3.1", called ? 120 : -1, called ? 4 : -1)
                .ended(status, "via_upstream", "")
                .asked("POST", path, model, false)
                .usage(called ? new AccessRecord.Usage(20, 64, 84, 0) : null)
                .bytes(310, 920)
                .make();
    }

    static List<SidecarView> sidecars() {
        String types = "type.googleapis.com/envoy.config.";
        Map<String, TypeState> good = new TreeMap<>();
        for (String type : List.of("cluster.v3.Cluster", "endpoint.v3.ClusterLoadAssignment", "listener.v3.Listener")) {
            good.put(types + type, new TypeState("4f1c", "", "", Map.of(), 12, 12, 0));
        }
        good.put(types + "route.v3.RouteConfiguration", new TypeState("99ab", "", "", Map.of(), 211, 211, 0));
        Map<String, TypeState> bad = new TreeMap<>(good);
        bad.put(
                types + "route.v3.RouteConfiguration",
                new TypeState(
                        "99aa",
                        "99ab",
                        "route: unknown cluster 'chat|zeta' <b>",
                        Map.of("mesh", "route: unknown cluster 'chat|zeta' <b>"),
                        211,
                        209,
                        2));
        return List.of(
                new SidecarView(
                        "agent-2", new SidecarProfile.Consumer("127.0.0.1", 10001, "b.log"), 1_799_999_000_000L, bad),
                new SidecarView("agent-1", SidecarProfile.Consumer.DEFAULT, 1_799_999_900_000L, good));
    }

    private final class Stored implements DecisionStore {
        @Override
        public long newTerm() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long unstoredTerm(long wallMillis) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void save(Decision decision) {
            stored.put(decision.epoch(), decision);
        }

        @Override
        public Optional<Decision> last() {
            return stored.keySet().stream().max(Epoch::compareTo).map(stored::get);
        }

        @Override
        public Optional<Decision> find(Epoch epoch) {
            return Optional.ofNullable(stored.get(epoch));
        }

        @Override
        public Optional<Decision> before(Epoch epoch) {
            return stored.keySet().stream()
                    .filter(e -> e.compareTo(epoch) < 0)
                    .max(Epoch::compareTo)
                    .map(stored::get);
        }

        @Override
        public Optional<Decision> after(Epoch epoch) {
            return stored.keySet().stream()
                    .filter(e -> e.compareTo(epoch) > 0)
                    .min(Epoch::compareTo)
                    .map(stored::get);
        }
    }
}
