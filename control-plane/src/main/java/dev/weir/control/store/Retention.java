package dev.weir.control.store;

import dev.weir.control.model.Failpoints;
import dev.weir.control.model.Failpoints.Point;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes old rows out of the database: records by age, decisions beyond the newest. With an export they go into a file
 * first. Each file is written down in table {@code export}, written, flushed and named before its rows are deleted; a
 * process that dies in between does the same file again, so that every row is in one file or in the table.
 *
 * <p>The database does not shrink, its free pages are used again. Running sums are not touched: they are of everything
 * that ever came. Positions of log files go by {@link OldPositions}.
 */
public final class Retention {
    /** Rows that go into one file: their keys are held in memory. */
    static final int BATCH = 2_000;

    private static final Logger log = LoggerFactory.getLogger(Retention.class);
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final Database database;
    private final Policy policy;
    private final Failpoints failpoints;

    /**
     * @param keep how long records stay, counted from the start of their call
     * @param decisions how many of the newest stay, {@code > 0}
     * @param export folder; empty = rows are deleted and nothing else
     * @param keepExports how long files stay there; empty = for ever
     */
    public record Policy(Duration keep, int decisions, Optional<Path> export, Optional<Duration> keepExports) {}

    /**
     * A kind of rows.
     *
     * @param old which are to go, oldest first, with {@code :bound} and {@code :batch}
     * @param key tells a row, and that it is the row that was read: a record that the file confirmed since is another
     */
    private record Source(String table, String old, List<String> key, long bound, int batch) {
        Source first() {
            return new Source(table, old, key, bound, 1);
        }
    }

    public Retention(Database database, Policy policy, Failpoints failpoints) {
        this.database = database;
        this.policy = policy;
        this.failpoints = failpoints;
    }

    /**
     * Lets everything go that is to go. Throws {@link StoreException} when the database or the folder do not take it: then
     * what is left is left for the next time.
     *
     * @param now wall clock
     * @param stop asked between two files
     */
    public void run(Instant now, BooleanSupplier stop) {
        long bound = now.minus(policy.keep).toEpochMilli() * 1_000;
        for (String kind : List.of("call", "attempt")) {
            all(
                    new Source(
                            "record",
                            "kind = '" + kind
                                    + "' AND start_micros < :bound ORDER BY start_micros, request_id LIMIT :batch",
                            List.of("request_id", "number", "sidecar", "from_file"),
                            bound,
                            BATCH),
                    now,
                    stop);
        }
        all(
                new Source(
                        "decision",
                        "(term, sequence) <= (SELECT term, sequence FROM decision"
                                + " ORDER BY term DESC, sequence DESC LIMIT 1 OFFSET :bound)"
                                + " ORDER BY term, sequence LIMIT :batch",
                        List.of("term", "sequence"),
                        policy.decisions,
                        BATCH),
                now,
                stop);
        OldPositions.forget(database, now, policy.keep);
        policy.keepExports.ifPresent(keep -> files(now.minus(keep)));
    }

    private void all(Source source, Instant now, BooleanSupplier stop) {
        int rows = BATCH;
        while (rows == BATCH && !stop.getAsBoolean()) {
            rows = some(source, now);
        }
    }

    /** Takes some rows out; how many went: less than {@link #BATCH} when no more are old. */
    private int some(Source source, Instant now) {
        if (policy.export.isEmpty()) {
            List<Object[]> keys = database.read(handle -> keys(handle, source));
            int deleted = keys.isEmpty() ? 0 : database.write(handle -> delete(handle, source, keys));
            if (deleted > 0) {
                log.info("retention: {} rows of {} deleted", deleted, source.table);
            }
            return keys.size();
        }
        if (database.<Boolean>read(handle -> keys(handle, source.first()).isEmpty())) {
            return 0;
        }
        Path folder = policy.export.get();
        String name = database.write(handle -> name(handle, source.table, folder, now));
        List<Object[]> keys;
        try {
            ExportFile file = new ExportFile(folder.resolve(name));
            keys = file.write(rows -> exported(source, rows));
            failpoints.reached(Point.EXPORT_WRITTEN);
            file.name();
            failpoints.reached(Point.EXPORT_NAMED);
        } catch (IOException e) {
            throw new StoreException(
                    "export " + folder.resolve(name) + ": " + e + " (expected: a folder with room); nothing is deleted",
                    e);
        }
        int deleted = database.write(handle -> {
            int count = delete(handle, source, keys);
            handle.execute("UPDATE export SET rows = ?, done = ? WHERE file = ?", keys.size(), true, name);
            failpoints.reached(Point.EXPORT_DELETED);
            return count;
        });
        log.info("retention: {} rows of {} are in {}, {} deleted", keys.size(), source.table, name, deleted);
        return keys.size();
    }

    /** Exports row by row, so that no more than one is in memory. */
    private List<Object[]> exported(Source source, ExportFile.Rows rows) throws IOException {
        try {
            return database.read(handle -> query(handle, "*", source)
                    .map((row, context) -> {
                        try {
                            rows.add(columns(row));
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                        return key(row, source);
                    })
                    .list());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static List<Object[]> keys(Handle handle, Source source) {
        return query(handle, String.join(", ", source.key), source)
                .map((row, context) -> key(row, source))
                .list();
    }

    private static Query query(Handle handle, String columns, Source source) {
        return handle.createQuery("SELECT " + columns + " FROM " + source.table + " WHERE " + source.old)
                .bind("bound", source.bound)
                .bind("batch", source.batch);
    }

    private static Map<String, @Nullable Object> columns(ResultSet row) throws SQLException {
        Map<String, @Nullable Object> columns = new LinkedHashMap<>();
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
            columns.put(row.getMetaData().getColumnName(i), row.getObject(i));
        }
        return columns;
    }

    private static Object[] key(ResultSet row, Source source) throws SQLException {
        Object[] key = new Object[source.key.size()];
        for (int i = 0; i < key.length; i++) {
            key[i] = row.getObject(source.key.get(i));
        }
        return key;
    }

    /** The name of the file that was begun and not finished, else a new one. */
    private static String name(Handle handle, String table, Path folder, Instant now) {
        Optional<String> begun = handle.createQuery("SELECT file FROM export WHERE source = ? AND done = ?")
                .bind(0, table)
                .bind(1, false)
                .mapTo(String.class)
                .findFirst();
        if (begun.isPresent()) {
            return begun.get();
        }
        long number = handle.createQuery("SELECT count(*) FROM export")
                        .mapTo(Long.class)
                        .one()
                + 1;
        String name = name(table, now, number);
        while (Files.exists(folder.resolve(name))) { // of a database that was here before
            name = name(table, now, ++number);
        }
        handle.execute(
                "INSERT INTO export (file, source, rows, at_millis, done) VALUES (?, ?, 0, ?, ?)",
                name,
                table,
                now.toEpochMilli(),
                false);
        return name;
    }

    private static String name(String table, Instant now, long number) {
        return table + "s-" + STAMP.format(now) + "-" + number + ".jsonl.gz";
    }

    private static int delete(Handle handle, Source source, List<Object[]> keys) {
        String sql = "DELETE FROM " + source.table + " WHERE " + String.join(" = ? AND ", source.key) + " = ?";
        int deleted = 0;
        try (PreparedBatch batch = handle.prepareBatch(sql)) {
            for (Object[] key : keys) {
                for (int i = 0; i < key.length; i++) {
                    batch.bind(i, key[i]);
                }
                batch.add();
            }
            for (int count : batch.execute()) {
                deleted += count;
            }
        }
        return deleted;
    }

    /** Deletes what was exported before {@code until}; the name stays in the table as long as the file cannot be deleted. */
    private void files(Instant until) {
        Path folder = policy.export.orElse(null);
        if (folder == null) {
            return;
        }
        List<String> old =
                database.read(handle -> handle.createQuery("SELECT file FROM export WHERE done = ? AND at_millis < ?")
                        .bind(0, true)
                        .bind(1, until.toEpochMilli())
                        .mapTo(String.class)
                        .list());
        for (String name : old) {
            try {
                Files.deleteIfExists(folder.resolve(name));
            } catch (IOException e) {
                throw new StoreException("export " + folder.resolve(name) + ": cannot be deleted: " + e, e);
            }
            int unused = database.write(handle -> handle.execute("DELETE FROM export WHERE file = ?", name));
        }
    }
}
