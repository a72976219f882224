package dev.weir.control.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * The connections to one SQLite file.
 *
 * @param write empty where the disk was too full to open it for writing
 */
record Connections(Optional<HikariDataSource> writer, HikariDataSource readers, Optional<Jdbi> write, Jdbi read)
        implements AutoCloseable {
    private static final int READERS = 2;
    private static final int WRITER_CACHE_KIB = 8 * 1024;
    private static final int READER_CACHE_KIB = 2 * 1024;
    /** Pages after which the log is folded into the file; far apart, because a page often changes several times. */
    private static final int CHECKPOINT_PAGES = 4_000;

    /** One connection that writes, a few that read. Creates the file and brings its schema up to date. */
    static Connections open(Path file, Duration busyTimeout) {
        SQLiteConfig writing = config(WRITER_CACHE_KIB, busyTimeout);
        // the write lock is taken at the start: a transaction that reads first cannot fail half-way
        writing.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        HikariDataSource writer = pool("weir-store-write", file, 1, writing);
        try {
            Schema.migrate(writer, "database " + file);
            HikariDataSource readers = readers(file, READERS, config(READER_CACHE_KIB, busyTimeout));
            return new Connections(
                    Optional.of(writer), readers, Optional.of(Jdbi.create(writer)), Jdbi.create(readers));
        } catch (RuntimeException e) {
            writer.close();
            throw e;
        }
    }

    /** One connection that reads, without taking any room on the disk: SQLite's index of its log stays in memory. */
    static Connections readOnly(Path file, Duration busyTimeout) {
        SQLiteConfig alone = config(READER_CACHE_KIB, busyTimeout);
        alone.setLockingMode(SQLiteConfig.LockingMode.EXCLUSIVE);
        HikariDataSource readers = readers(file, 1, alone);
        return new Connections(Optional.empty(), readers, Optional.empty(), Jdbi.create(readers));
    }

    @Override
    public void close() {
        readers.close();
        writer.ifPresent(HikariDataSource::close);
    }

    private static SQLiteConfig config(int cacheKib, Duration busyTimeout) {
        SQLiteConfig sqlite = new SQLiteConfig();
        sqlite.setJournalMode(SQLiteConfig.JournalMode.WAL);
        sqlite.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        sqlite.setBusyTimeout((int) busyTimeout.toMillis());
        sqlite.setCacheSize(-cacheKib);
        sqlite.setPragma(SQLiteConfig.Pragma.WAL_AUTOCHECKPOINT, Integer.toString(CHECKPOINT_PAGES));
        return sqlite;
    }

    private static HikariDataSource readers(Path file, int size, SQLiteConfig sqlite) {
        return pool("weir-store-read", file, size, sqlite, "PRAGMA query_only = ON");
    }

    private static HikariDataSource pool(String name, Path file, int size, SQLiteConfig sqlite, String... first) {
        SQLiteDataSource source = new SQLiteDataSource(sqlite);
        source.setUrl("jdbc:sqlite:" + file);
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setDataSource(source);
        config.setMaximumPoolSize(size);
        config.setMaxLifetime(0);
        config.setConnectionTimeout(Duration.ofSeconds(30).toMillis());
        if (first.length > 0) {
            config.setConnectionInitSql(first[0]);
        }
        try {
            // asked by itself first: a pool would say what is wrong with a trace of its own
            source.getConnection().close();
            return new HikariDataSource(config);
        } catch (SQLException | PoolInitializationException e) {
            throw new StoreException(
                    "database " + file + ": " + rootMessage(e) + " (expected: "
                            + (DiskSpace.isFull(e) ? "room on its disk" : "an SQLite file") + ")",
                    e);
        }
    }

    private static String rootMessage(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }
}
