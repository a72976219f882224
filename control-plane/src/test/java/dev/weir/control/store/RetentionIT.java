package dev.weir.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weir.control.model.Failpoints;
import dev.weir.control.model.Failpoints.Point;
import dev.weir.control.store.Retention.Policy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class RetentionIT {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final Duration KEEP = Duration.ofDays(1);
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path folder;

    private Database database;

    @BeforeEach
    void open() {
        database = SqliteDatabase.open(folder.resolve("weir.db"));
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void old_rows_of_either_kind_are_in_files_and_young_ones_in_the_table() throws IOException {
        insert("old", 4_500, KEEP.plusHours(1));
        insert("young", 10, KEEP.minusHours(1));
        retention(10, Optional.of(exports()), Failpoints.NONE).run(NOW, () -> false);

        assertThat(requests()).hasSize(20).allMatch(request -> request.startsWith("young"));
        List<JsonNode> rows = exported("records");
        assertThat(rows).hasSize(9_000);
        assertThat(rows.stream().map(RetentionIT::key)).doesNotHaveDuplicates();
        JsonNode first = rows.get(0);
        assertThat(first.path("request_id").asText()).isEqualTo("old0");
        assertThat(first.path("amount_milli").asLong()).isEqualTo(Long.MAX_VALUE);
        assertThat(first.path("work").asDouble()).isEqualTo(0.1);
        assertThat(first.path("tenant").isNull()).isTrue();
        assertThat(first.path("path").asText()).isEqualTo("/v1/\"quoted\"\nline");

        retention(10, Optional.of(exports()), Failpoints.NONE).run(NOW, () -> false);
        assertThat(exported("records")).as("nothing is exported twice").hasSize(9_000);
    }

    @Test
    void decisions_beyond_the_newest_are_in_files() throws IOException {
        SqlDecisionStore store = new SqlDecisionStore(database);
        for (int i = 1; i <= 3; i++) {
            store.save(Decisions.of(1, i));
        }
        store.save(Decisions.of(2, 1));
        store.save(Decisions.of(2, 2));
        retention(3, Optional.of(exports()), Failpoints.NONE).run(NOW, () -> false);
        assertThat(store.find(new dev.weir.control.model.Epoch(1, 2))).isEmpty();
        assertThat(store.find(new dev.weir.control.model.Epoch(1, 3))).isPresent();
        assertThat(store.last()).contains(Decisions.of(2, 2));
        assertThat(exported("decisions").stream().map(row -> row.path("term") + "." + row.path("sequence")))
                .containsExactly("1.1", "1.2");
        assertThat(JSON.readTree(exported("decisions").get(0).path("body").asText())
                        .path("epoch")
                        .path("term")
                        .asLong())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"EXPORT_WRITTEN", "EXPORT_NAMED", "EXPORT_DELETED"})
    void whoever_goes_on_after_a_crash_writes_each_row_into_one_file(Point crash) throws IOException {
        insert("old", 1_500, KEEP.plusHours(1));
        Retention dies = retention(10, Optional.of(exports()), point -> {
            if (point == crash) {
                throw new IllegalStateException("crash");
            }
        });
        assertThatThrownBy(() -> dies.run(NOW, () -> false)).hasMessageContaining("crash");
        insert("older", 100, KEEP.plusHours(2)); // come late, and before all others
        close();
        open();
        retention(10, Optional.of(exports()), Failpoints.NONE).run(NOW.plusSeconds(90), () -> false);
        assertThat(requests()).isEmpty();
        assertThat(exported("records").stream().map(RetentionIT::key))
                .hasSize(3_200)
                .doesNotHaveDuplicates();
    }

    @Test
    void a_record_that_changes_while_its_file_is_written_is_not_deleted_with_it() throws IOException {
        insert("old", 3, KEEP.plusHours(1));
        Retention changes = retention(10, Optional.of(exports()), point -> {
            if (point == Point.EXPORT_NAMED) {
                int unused = database.write(handle ->
                        handle.execute("UPDATE record SET from_file = TRUE, status = 500 WHERE request_id = 'old1'"));
            }
        });
        changes.run(NOW, () -> false);
        assertThat(requests()).contains("old1");
        retention(10, Optional.of(exports()), Failpoints.NONE).run(NOW, () -> false);
        assertThat(requests()).isEmpty();
        assertThat(exported("records")).anyMatch(row -> row.path("status").asInt() == 500);
    }

    @Test
    void nothing_is_deleted_where_nothing_can_be_exported() throws IOException {
        insert("old", 3, KEEP.plusHours(1));
        Files.writeString(exports(), "a file where the folder should be");
        assertThatThrownBy(() ->
                        retention(10, Optional.of(exports()), Failpoints.NONE).run(NOW, () -> false))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("(expected: a folder with room); nothing is deleted");
        assertThat(requests()).hasSize(6);
    }

    @Test
    void without_an_export_old_rows_are_deleted() {
        insert("old", 3_000, KEEP.plusHours(1));
        insert("young", 1, KEEP.minusHours(1));
        retention(10, Optional.empty(), Failpoints.NONE).run(NOW, () -> false);
        assertThat(requests()).hasSize(2);
        assertThat(exports()).doesNotExist();
    }

    @Test
    void a_new_database_does_not_write_over_what_another_exported() throws IOException {
        insert("old", 1, KEEP.plusHours(1));
        retention(10, Optional.of(exports()), Failpoints.NONE).run(NOW, () -> false);
        close();
        Files.delete(folder.resolve("weir.db"));
        open();
        insert("other", 1, KEEP.plusHours(1));
        retention(10, Optional.of(exports()), Failpoints.NONE).run(NOW, () -> false);
        assertThat(exported("records").stream()
                        .map(row -> row.path("request_id").asText()))
                .containsExactlyInAnyOrder("old0", "old0", "other0", "other0");
    }

    @Test
    void exports_go_when_they_are_to_and_only_what_was_written_here() throws IOException {
        insert("old", 1, KEEP.plusHours(1));
        Path foreign = Files.writeString(Files.createDirectories(exports()).resolve("records-mine.jsonl.gz"), "mine");
        Policy policy = new Policy(KEEP, 10, Optional.of(exports()), Optional.of(Duration.ofDays(2)));
        new Retention(database, policy, Failpoints.NONE).run(NOW, () -> false);
        assertThat(files("records")).hasSize(3);
        new Retention(database, policy, Failpoints.NONE).run(NOW.plus(Duration.ofHours(49)), () -> false);
        assertThat(files("records")).containsExactly(foreign);
    }

    private Retention retention(int decisions, Optional<Path> export, Failpoints failpoints) {
        return new Retention(database, new Policy(KEEP, decisions, export, Optional.empty()), failpoints);
    }

    private Path exports() {
        return folder.resolve("exports");
    }

    private List<Path> files(String kind) throws IOException {
        try (Stream<Path> all = Files.list(exports())) {
            return all.filter(file -> file.getFileName().toString().matches(kind + "-.*gz"))
                    .sorted()
                    .toList();
        }
    }

    private List<JsonNode> exported(String kind) throws IOException {
        List<JsonNode> rows = new ArrayList<>();
        for (Path file : files(kind)) {
            try (BufferedReader lines = new BufferedReader(
                    new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    rows.add(JSON.readTree(line));
                }
            }
        }
        return rows;
    }

    private static String key(JsonNode row) {
        return row.path("request_id").asText() + "/" + row.path("number");
    }

    private List<String> requests() {
        return database.read(handle -> handle.createQuery("SELECT request_id FROM record")
                .mapTo(String.class)
                .list());
    }

    /** Calls, and an attempt of each. */
    private void insert(String name, int calls, Duration age) {
        long start = NOW.minus(age).toEpochMilli() * 1_000;
        database.<Integer>write(handle -> {
            try (PreparedBatch batch =
                    handle.prepareBatch("INSERT INTO record (request_id, number, sidecar, kind, attempt,"
                            + " from_file, start_micros, duration_micros, first_byte_micros, whole, pool, provider, epoch, price,"
                            + " price_number, status, details, flags, completed, method, path, model, streamed, bytes_received,"
                            + " bytes_sent, work, amount_milli) VALUES (?, ?, 's', ?, 1, FALSE, ?, 1, 1, TRUE, 'chat', 'a', '1.1',"
                            + " 1, 1, 200, '', '', TRUE, 'POST', ?, 'm', FALSE, 1, 1, 0.1, " + Long.MAX_VALUE + ")")) {
                for (int i = 0; i < calls; i++) {
                    for (int number = 0; number < 2; number++) {
                        batch.bind(0, name + i)
                                .bind(1, number)
                                .bind(2, number == 0 ? "call" : "attempt")
                                .bind(3, start + i)
                                .bind(4, "/v1/\"quoted\"\nline")
                                .add();
                    }
                }
                return batch.execute().length;
            }
        });
    }
}
