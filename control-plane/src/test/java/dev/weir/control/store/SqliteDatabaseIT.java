package dev.weir.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SqliteDatabaseIT {
    @TempDir
    Path folder;

    @Test
    void a_new_file_is_in_wal_mode_synchronous_and_of_the_newest_schema() {
        try (Database database = SqliteDatabase.open(folder.resolve("weir.db"))) {
            assertThat(pragma(database, "journal_mode")).isEqualTo("wal");
            assertThat(pragma(database, "synchronous")).isEqualTo("2");
            assertThat(database.<Integer>read(h -> h.createQuery("SELECT count(*) FROM record")
                            .mapTo(Integer.class)
                            .one()))
                    .isZero();
        }
    }

    @Test
    void a_missing_folder_is_named() {
        assertThatThrownBy(() -> SqliteDatabase.open(folder.resolve("none/weir.db")))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(folder.resolve("none/weir.db") + ": no such folder");
    }

    @Test
    void a_folder_is_no_database() {
        assertThatThrownBy(() -> SqliteDatabase.open(folder))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("is a folder (expected: a file)");
    }

    @Test
    void a_file_of_something_else_is_refused_and_left_alone() throws Exception {
        Path file = folder.resolve("weir.db");
        Files.writeString(file, "This is a text that is long enough to be looked at.\n".repeat(100));
        byte[] before = Files.readAllBytes(file);
        assertThatThrownBy(() -> SqliteDatabase.open(file))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("database " + file)
                .hasMessageContaining("file is not a database");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void a_database_of_another_program_is_refused() throws Exception {
        Path file = folder.resolve("other.db");
        sql(file, "CREATE TABLE customers (id INTEGER)");
        assertThatThrownBy(() -> SqliteDatabase.open(file))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("database " + file)
                .hasMessageContaining("expected: a database of weir, or none");
    }

    @Test
    void a_newer_schema_is_refused() throws Exception {
        Path file = folder.resolve("weir.db");
        SqliteDatabase.open(file).close();
        sql(
                file,
                "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, installed_by,"
                        + " execution_time, success) VALUES (99, '99', 'later', 'SQL', 'V99__later.sql', 'x', 1, 1)");
        assertThatThrownBy(() -> SqliteDatabase.open(file))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("schema 99 (expected: at most ")
                .hasMessageContaining("newer weir");
    }

    @Test
    void a_writer_waits_for_another_process_and_gives_up_in_the_end() throws Exception {
        Path file = folder.resolve("weir.db");
        try (Database database = SqliteDatabase.open(file, Duration.ofMillis(200));
                Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement lock = other.createStatement()) {
            lock.execute("BEGIN IMMEDIATE");
            assertThatThrownBy(() -> insert(database, 1)).isInstanceOf(JdbiException.class);
            lock.execute("COMMIT");
            insert(database, 2);
            assertThat(count(database)).isEqualTo(1);
        }
    }

    @Test
    void readers_do_not_wait_for_the_writer_and_cannot_write() throws Exception {
        try (Database database = SqliteDatabase.open(folder.resolve("weir.db"))) {
            insert(database, 1);
            CompletableFuture<Integer> seen = new CompletableFuture<>();
            int before = database.write(handle -> {
                handle.execute("INSERT INTO counter (name, value) VALUES ('x2', 2)");
                seen.completeAsync(() -> count(database));
                return seen.orTimeout(20, TimeUnit.SECONDS).join();
            });
            assertThat(before).isEqualTo(1);
            assertThat(count(database)).isEqualTo(2);
            assertThatThrownBy(() -> database.read(h -> h.execute("DELETE FROM counter")))
                    .isInstanceOf(JdbiException.class)
                    .hasMessageContaining("readonly");
        }
    }

    @Test
    void a_failed_transaction_leaves_nothing() {
        try (Database database = SqliteDatabase.open(folder.resolve("weir.db"))) {
            assertThatThrownBy(() -> database.write(handle -> {
                        handle.execute("INSERT INTO counter (name, value) VALUES ('x', 1)");
                        throw new IllegalStateException("half-way");
                    }))
                    .hasMessage("half-way");
            assertThat(count(database)).isZero();
        }
    }

    private static void insert(Database database, int value) {
        int rows =
                database.write(h -> h.execute("INSERT INTO counter (name, value) VALUES (?, ?)", "x" + value, value));
        assertThat(rows).isEqualTo(1);
    }

    private static int count(Database database) {
        return database.read(h -> h.createQuery("SELECT count(*) FROM counter")
                .mapTo(Integer.class)
                .one());
    }

    private static String pragma(Database database, String name) {
        return database.write(
                h -> h.createQuery("PRAGMA " + name).mapTo(String.class).one());
    }

    private static void sql(Path file, String sql) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
