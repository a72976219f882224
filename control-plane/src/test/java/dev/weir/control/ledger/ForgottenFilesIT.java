package dev.weir.control.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.model.Failpoints;
import dev.weir.control.model.Work;
import dev.weir.control.store.Database;
import dev.weir.control.store.Retention;
import dev.weir.control.store.SqliteDatabase;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Positions of files that nobody brings any more go, and what was stored of one is never stored twice. */
final class ForgottenFilesIT {
    private static final Duration KEEP = Duration.ofHours(10);
    private static final Instant BEGIN = Instant.ofEpochSecond(0, Records.START * 1_000);

    @TempDir
    Path folder;

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

    private static AccessRecord call(String id, Duration after) {
        return Records.record(Kind.CALL, id, 1, "a", 200, null, Records.START + after.toNanos() / 1_000);
    }

    private long deliver(String sidecar, String file, long offset, AccessRecord... records) {
        return ledger.files().accept(Records.chunk(sidecar, file, offset, records));
    }

    private void upkeep(Duration after) {
        new Retention(database, new Retention.Policy(KEEP, 10, Optional.empty(), Optional.empty()), Failpoints.NONE)
                .run(BEGIN.plus(after), () -> false);
    }

    private long position(String sidecar, String file) {
        return ledger.files().position(sidecar, file);
    }

    @Test
    void a_file_that_has_not_moved_for_as_long_as_records_stay_is_forgotten_and_others_are_not() {
        AccessRecord first = call("r1", Duration.ZERO);
        long end = deliver("gone", "f", 0, first);
        deliver("lives", "f", 0, first);
        upkeep(Duration.ofMinutes(1));
        deliver("lives", "f", end, call("r2", KEEP));
        upkeep(KEEP);
        assertThat(position("gone", "f")).isEqualTo(end);
        deliver("lives", "f", 2 * end, call("r3", KEEP));
        upkeep(KEEP.plusMinutes(2));
        assertThat(position("gone", "f")).isZero();
        assertThat(position("lives", "f")).isGreaterThan(end);
    }

    @Test
    void what_was_stored_of_a_forgotten_file_is_refused_when_it_comes_again_and_what_is_new_is_stored() {
        long end = deliver("s", "f", 0, call("r1", Duration.ZERO), call("r2", Duration.ofHours(1)));
        forgetAllButFileOf("other");
        assertThat(position("s", "f")).isZero();
        assertThat(ledger.call("r1")).as("it has left the database").isEmpty();

        deliver("s", "f", 0, call("r1", Duration.ZERO), call("r2", Duration.ofHours(1)));
        assertThat(position("s", "f")).isEqualTo(end);
        assertThat(ledger.call("r1")).isEmpty();
        assertThat(ledger.call("r2")).isEmpty();
        assertThat(ledger.totals().calls()).as("s has two, the other one").isEqualTo(3);
        assertThat(ledger.counts().rejectedLines()).isEqualTo(2);

        deliver("s", "f", end, call("r4", Duration.ofHours(30)));
        assertThat(ledger.call("r4")).isPresent();
        deliver("other", "g", 0, call("r5", Duration.ZERO));
        assertThat(ledger.call("r5"))
                .as("of a sidecar of which nothing is forgotten")
                .isPresent();
    }

    @Test
    void a_file_that_is_forgotten_while_its_collector_sends_begins_anew() {
        long end = deliver("s", "f", 0, call("r1", Duration.ZERO));
        forgetAllButFileOf("other");
        AccessRecord next = call("r2", Duration.ofHours(30));
        assertThat(deliver("s", "f", end, next)).isZero();
        assertThat(ledger.call("r2")).isEmpty();
        deliver("s", "f", 0, call("r1", Duration.ZERO), next);
        assertThat(ledger.call("r2")).isPresent();
        assertThat(ledger.totals().calls()).as("r1, the other's, r2").isEqualTo(3);
    }

    @Test
    void a_clock_that_is_set_ahead_makes_no_file_old_by_itself() {
        long end = deliver("s", "f", 0, call("r1", Duration.ZERO));
        upkeep(Duration.ofMinutes(1));
        upkeep(KEEP.multipliedBy(100));
        assertThat(position("s", "f")).isEqualTo(end);
    }

    private void forgetAllButFileOf(String sidecar) {
        upkeep(Duration.ofMinutes(1));
        deliver(sidecar, "f", 0, call("r3", Duration.ofHours(25)));
        upkeep(Duration.ofHours(25));
    }
}
