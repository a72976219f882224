package dev.weir.control.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.ledger.SqlLedger;
import dev.weir.control.model.Work;
import dev.weir.control.store.Database;
import dev.weir.control.store.SqliteDatabase;
import dev.weir.control.testbed.provider.AttemptSeen;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.testing.RecordMaker;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real ledger in a file. */
final class ReconciliationIT {
    @TempDir
    private Path folder;

    private Database database;
    private SqlLedger ledger;

    @BeforeEach
    void open() {
        database = SqliteDatabase.open(folder.resolve("weir.db"));
        ledger = new SqlLedger(database, pool -> Optional.of(new Work.PerRequest()), records -> {});
    }

    @AfterEach
    void close() {
        ledger.close();
        database.close();
    }

    @Test
    void all_there_and_nothing_else() {
        offer(record(AccessRecord.Kind.ATTEMPT, "id-1", 1, "p20"), record(AccessRecord.Kind.CALL, "id-1", 1, "p20"));
        assertThat(reconcile(Map.of("p20", List.of(new AttemptSeen("id-1", 1, 0)))))
                .isEqualTo(new Figures.Records(1, 1, 0, 0, 0, 20, 20, 1));
    }

    @Test
    void a_lost_attempt_and_a_lost_call_are_missing() {
        offer();
        assertThat(reconcile(Map.of("p20", List.of(new AttemptSeen("id-1", 1, 0))))
                        .missing())
                .isEqualTo(2);
    }

    @Test
    void an_attempt_at_another_provider_than_recorded_is_missing_there_and_extra_here() {
        offer(record(AccessRecord.Kind.ATTEMPT, "id-1", 1, "p40"), record(AccessRecord.Kind.CALL, "id-1", 1, "p20"));
        Figures.Records records = reconcile(Map.of("p20", List.of(new AttemptSeen("id-1", 1, 0))));
        assertThat(records.missing()).isEqualTo(1);
        assertThat(records.extra()).isEqualTo(1);
    }

    @Test
    void a_record_of_a_call_that_nobody_made_is_extra() {
        offer(
                record(AccessRecord.Kind.ATTEMPT, "id-1", 1, "p20"),
                record(AccessRecord.Kind.CALL, "id-1", 1, "p20"),
                record(AccessRecord.Kind.ATTEMPT, "id-2", 1, "p20"),
                record(AccessRecord.Kind.CALL, "id-2", 1, "p20"));
        Figures.Records records = reconcile(Map.of("p20", List.of(new AttemptSeen("id-1", 1, 0))));
        assertThat(records.missing()).isZero();
        assertThat(records.extra()).isEqualTo(2);
    }

    private Figures.Records reconcile(Map<String, List<AttemptSeen>> attempts) {
        return Reconciliation.of(ledger, attempts, List.of(Results.answered(1, 1, 5, 100)), 20);
    }

    private void offer(AccessRecord... records) {
        ledger.offer(List.of(records));
        ledger.flush();
    }

    private static AccessRecord record(AccessRecord.Kind kind, String id, int attempt, String provider) {
        return RecordMaker.record(kind, id, attempt)
                .sidecar("s")
                .start(1)
                .provider(provider)
                .usage(new AccessRecord.Usage(10, 10, 20, 0))
                .make();
    }
}
