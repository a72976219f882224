package dev.weir.control.scenario;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.weir.control.ledger.SqlLedger;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Epoch;
import dev.weir.control.model.Work;
import dev.weir.control.scenario.ScenarioNodes.ProviderNode;
import dev.weir.control.store.Database;
import dev.weir.control.store.SqlDecisionStore;
import dev.weir.control.store.SqliteDatabase;
import dev.weir.sim.experiment.Effort;
import dev.weir.weights.Calculator;
import dev.weir.weights.Observation;
import dev.weir.weights.Observation.MemberInput;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Observation.ProviderInput;
import dev.weir.weights.Settings;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.testing.RecordMaker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls of a known mesh go into a real database; the mesh comes out. */
final class LedgerScenarioIT {
    private static final long START = 1_795_505_199_000_000L;
    private static final int CALLS = 4_000;

    @TempDir
    Path folder;

    private Path store(List<AccessRecord> records, boolean declared) {
        Path file = folder.resolve("weir.db");
        try (Database database = SqliteDatabase.open(file);
                SqlLedger ledger = new SqlLedger(database, pool -> Optional.of(new Work.PerRequest()), seen -> {})) {
            for (int from = 0; from < records.size(); from += 500) {
                ledger.offer(records.subList(from, Math.min(records.size(), from + 500)));
                ledger.flush();
            }
            if (declared) {
                new SqlDecisionStore(database).save(decision());
            }
        }
        return file;
    }

    private static Decision decision() {
        List<MemberInput> members = List.of(new MemberInput("a", 0, 0, 0, 0, false));
        Observation seen = new Observation(
                0,
                false,
                List.of(new PoolInput("chat", members, 1, 1), new PoolInput("idle", members, 1, 1)),
                List.of(new ProviderInput("a", 25, 4, 0)));
        return new Decision(new Epoch(1, 1), 1_000, seen, new Calculator(Settings.DEFAULTS, null).tick(seen));
    }

    /** 10 requests/s, 4 slots of 200 ms with exponential sizes at load .5; every call is logged at two sidecars. */
    private static List<AccessRecord> calls() {
        SplittableRandom random = new SplittableRandom(1);
        PriorityQueue<Double> free = new PriorityQueue<>(List.of(0.0, 0.0, 0.0, 0.0));
        List<AccessRecord> records = new ArrayList<>();
        double now = 0;
        for (int i = 0; i < CALLS; i++) {
            now += -Math.log(1 - random.nextDouble()) / 10;
            double begins = Math.max(now, free.remove());
            double ends = begins - Math.log(1 - random.nextDouble()) * 0.2;
            free.add(ends);
            records.add(record(Kind.CALL, "r" + i, 1, "consumer", now, ends - now));
            records.add(record(Kind.CALL, "r" + i, 1, "provider-side", now + 0.0005, ends - now - 0.0006));
        }
        return records;
    }

    private static AccessRecord record(Kind kind, String id, int attempt, String sidecar, double at, double seconds) {
        return RecordMaker.record(kind, id, attempt)
                .sidecar(sidecar)
                .start(START + (long) (at * 1e6))
                .lasting((long) (seconds * 1e6), 1)
                .make();
    }

    @Test
    void a_mesh_is_known_again_from_its_calls() throws Exception {
        LedgerScenario found = LedgerScenario.read(store(calls(), true));
        assertThat(found.root().pools()).singleElement().satisfies(pool -> {
            assertThat(pool.name()).isEqualTo("chat");
            assertThat(pool.rate()).isEqualTo(10, within(0.7));
        });
        assertThat(found.root().providers()).singleElement().satisfies(a -> {
            assertThat(a.slots()).isEqualTo(4);
            assertThat(a.declared()).isEqualTo(25);
            assertThat(a.serviceSeconds()).isEqualTo(0.2, within(0.02));
            assertThat(requireNonNull(requireNonNull(a.sizes()).cv2())).isEqualTo(1, within(0.2));
        });
        assertThat(found.root().sidecars()).isEqualTo(1);
        assertThat(found.notes()).anyMatch(n -> n.contains("4000 calls")).anyMatch(n -> n.contains("idle: no calls"));

        Path saved = folder.resolve("found.yaml");
        found.save(saved);
        assertThat(Files.readString(saved)).startsWith("# inferred from 4000 calls");
        assertThat(ScenarioFile.read(saved)
                        .run(new Effort(1, 0.1, Effort.SERIAL))
                        .tables())
                .isEqualTo(found.mesh().run(new Effort(1, 0.1, Effort.SERIAL)).tables());
    }

    @Test
    void without_a_decision_the_most_in_flight_is_the_slots() {
        ProviderNode a =
                LedgerScenario.read(store(calls(), false)).root().providers().get(0);
        assertThat(a.slots()).isGreaterThanOrEqualTo(4);
        assertThat(a.declared()).isNull();
    }

    @Test
    void attempts_of_their_own_count_instead_of_calls() {
        List<AccessRecord> records = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            // a second attempt: the call takes both, the attempt only its own
            records.add(record(Kind.CALL, "r" + i, 2, "consumer", i, 0.5));
            records.add(record(Kind.ATTEMPT, "r" + i, 2, "consumer", i + 0.4, 0.1));
        }
        ProviderNode a =
                LedgerScenario.read(store(records, true)).root().providers().get(0);
        assertThat(a.serviceSeconds()).isEqualTo(0.1, within(1e-6));
        assertThat(requireNonNull(a.sizes()).law()).isEqualTo("deterministic");
    }

    @Test
    void too_little_is_refused_with_what_is_missing() {
        Path few = store(calls().subList(0, 20), true);
        assertThatThrownBy(() -> LedgerScenario.read(few)).hasMessage("weir.db: \"10 calls\" (expected: at least 100)");
        assertThatThrownBy(() -> LedgerScenario.read(folder.resolve("none.db")))
                .hasMessageContaining("expected: a control plane's database");
        assertThat(folder.resolve("none.db")).doesNotExist();
    }
}
