package dev.weir.control.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.control.store.Database;
import dev.weir.control.store.SqliteDatabase;
import dev.weir.xds.telemetry.AccessRecord;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SqliteLedgerIT extends LedgerContract {
    @TempDir
    Path folder = Path.of("");

    @Override
    Database database() {
        return SqliteDatabase.open(folder.resolve("weir.db"), Duration.ofMillis(200));
    }

    @Test
    void a_chunk_is_not_acknowledged_while_storage_fails_and_is_stored_when_it_comes_again() throws Exception {
        AccessRecord record = Records.call("r1", "a", 200, USAGE);
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("weir.db"));
                Statement lock = other.createStatement()) {
            lock.execute("BEGIN IMMEDIATE");
            assertThatThrownBy(() -> deliver(0, record))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("not stored");
            assertThat(ledger.files().position("sidecar-1", "f-1")).isZero();
            lock.execute("COMMIT");
        }
        assertThat(deliver(0, record)).isEqualTo(Records.line(record).length());
        assertThat(ledger.totals().calls()).isEqualTo(1);
        assertThat(ledger.counts().failures()).isPositive();
    }

    @Test
    void a_full_disk_stores_nothing_of_a_chunk() {
        database.write(h -> h.execute("PRAGMA max_page_count = 1"));
        AccessRecord[] many = new AccessRecord[2_000];
        for (int i = 0; i < many.length; i++) {
            many[i] = Records.call("r" + i, "a", 200, USAGE);
        }
        assertThatThrownBy(() -> deliver(0, many)).hasMessageContaining("no space left");
        assertThat(ledger.totals().calls()).isZero();
        assertThat(ledger.files().position("sidecar-1", "f-1")).isZero();
        database.write(h -> h.execute("PRAGMA max_page_count = 1000000"));
        database.upkeep(); // which finds the room
        assertThat(deliver(0, many)).isPositive();
        assertThat(ledger.totals().calls()).isEqualTo(many.length);
    }

    /**
     * Of call {@code r1} another writer stores the stream's copy, with its sums, just before it is inserted here: SQLite lets in
     * one writer at a time, so a trigger stands for the other.
     */
    private void letAnotherBeFaster(AccessRecord record) {
        ledger.offer(List.of(record));
        ledger.flush();
        database.write(h -> {
            h.execute("CREATE TABLE other AS SELECT * FROM record");
            h.execute("DELETE FROM record");
            return h.execute(
                    "CREATE TRIGGER faster BEFORE INSERT ON record BEGIN INSERT INTO record SELECT * FROM other; END");
        });
    }

    @Test
    void a_row_that_another_writer_stored_meanwhile_is_replaced_by_the_files_copy_and_in_the_sums_once() {
        AccessRecord record = Records.call("r1", "a", 200, USAGE);
        letAnotherBeFaster(record);
        assertThat(deliver(0, record)).isEqualTo(Records.line(record).length());
        assertThat(ledger.call("r1").orElseThrow().fromFile()).isTrue();
        assertThat(ledger.counts().replaced()).isEqualTo(1);
        assertThat(ledger.totals())
                .isEqualTo(new Ledger.Totals(1, 0, USAGE.totalTokens(), Map.of("a", 1L), Map.of(), Map.of()));
    }

    @Test
    void a_row_that_another_writer_stored_meanwhile_makes_the_streams_copy_a_duplicate() {
        AccessRecord record = Records.call("r1", "a", 200, USAGE);
        letAnotherBeFaster(record);
        ledger.offer(List.of(record));
        ledger.flush();
        assertThat(ledger.call("r1").orElseThrow().fromFile()).isFalse();
        assertThat(ledger.counts().duplicates()).isEqualTo(1);
        assertThat(ledger.totals().calls()).isEqualTo(1);
    }

    @Test
    void a_position_that_another_writer_moved_meanwhile_stays() {
        AccessRecord first = Records.call("r1", "a", 200, USAGE);
        AccessRecord second = Records.call("r2", "a", 200, USAGE);
        long end = deliver(0, first);
        int rows = database.write(h -> h.execute("UPDATE log_file SET position = position + 1000"));
        assertThat(rows).isEqualTo(1);
        assertThat(deliver(end, second)).isEqualTo(end + 1_000);
        assertThat(ledger.call("r2")).isEmpty();
    }

    @Test
    void every_query_walks_an_index() {
        assertThat(plan(LedgerQueries.CALLS.replace("?", "10")))
                .containsExactly("SEARCH record USING INDEX record_starts (kind=?)");
        assertThat(plan(LedgerQueries.CALL.replace("?", "'r'")))
                .first()
                .asString()
                .startsWith("SEARCH record USING INDEX sqlite_autoindex_record_1 (request_id=? AND number=?)");
        assertThat(plan(LedgerQueries.ATTEMPTS.replace("?", "'r'")))
                .containsExactly("SEARCH record USING INDEX sqlite_autoindex_record_1 (request_id=? AND number>?)");
        assertThat(plan("SELECT kind, provider, records, completed, tokens FROM total"))
                .containsExactly("SCAN total");
        assertThat(plan(LedgerQueries.UNCONFIRMED.replace("?", "10")))
                .anyMatch(step -> step.startsWith("SEARCH record USING COVERING INDEX record_unconfirmed"));
    }

    private List<String> plan(String sql) {
        return database.read(h -> h.createQuery("EXPLAIN QUERY PLAN " + sql)
                .map((row, context) -> row.getString("detail"))
                .list());
    }
}
