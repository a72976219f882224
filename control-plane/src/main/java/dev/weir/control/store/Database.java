package dev.weir.control.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * The database: an SQLite file in WAL mode. One connection writes, a few read; readers never wait for the writer.
 *
 * <p>Every write is a transaction that is on the disk when {@link #write} returns ({@code synchronous = FULL}), because
 * sidecars' logs are deleted on the strength of it. Other processes may open the same file: each waits for the others'
 * transactions up to the busy time-out.
 */
public final class Database implements AutoCloseable {
    /** How long to wait for another process's transaction. */
    public static final Duration BUSY_TIMEOUT = Duration.ofSeconds(5);

    private static final int READERS = 2;
    private static final int WRITER_CACHE_KIB = 8 * 1024;
    private static final int READER_CACHE_KIB = 2 * 1024;
    /** Pages after which the log is folded into the file; far apart, because a page often changes several times. */
    private static final int CHECKPOINT_PAGES = 4_000;

    private final Path path;
    private final HikariDataSource writer;
    private final HikariDataSource readers;
    private final Jdbi write;
    private final Jdbi read;

    private Database(Path path, HikariDataSource writer, HikariDataSource readers) {
        this.path = path;
        this.writer = writer;
        this.readers = readers;
        this.write = Jdbi.create(writer);
        this.read = Jdbi.create(readers);
    }

    /** {@link #open(Path, Duration)} with {@link #BUSY_TIMEOUT}. */
    public static Database open(Path path) {
        return open(path, BUSY_TIMEOUT);
    }

    /** Opens the file, creates it if need be, and brings its schema up to date. Throws {@link StoreException}. */
    public static Database open(Path path, Duration busyTimeout) {
        Path file = path.toAbsolutePath().normalize();
        check(file);
        HikariDataSource writer = pool("weir-store-write", file, 1, WRITER_CACHE_KIB, busyTimeout);
        try {
            Schema.migrate(writer, file);
            HikariDataSource readers = pool("weir-store-read", file, READERS, READER_CACHE_KIB, busyTimeout);
            return new Database(file, writer, readers);
        } catch (RuntimeException e) {
            writer.close();
            throw e;
        }
    }

    /** Runs {@code body} in a transaction of its own, one at a time. */
    public <T> T write(Function<Handle, T> body) {
        return write.inTransaction(body::apply);
    }

    /** Runs {@code body} on a consistent view of what was written so far. It must not write. */
    public <T> T read(Function<Handle, T> body) {
        return read.inTransaction(body::apply);
    }

    public Path path() {
        return path;
    }

    @Override
    public void close() {
        readers.close();
        writer.close();
    }

    private static void check(Path file) {
        Path folder = file.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new StoreException(
                    "database " + file + ": no such folder (expected: a file in an existing one)", null);
        }
        if (Files.isDirectory(file)) {
            throw new StoreException("database " + file + ": is a folder (expected: a file)", null);
        }
        // SQLite's own files lie beside it, so the folder counts too
        if (!Files.isWritable(folder) || (Files.exists(file) && !Files.isWritable(file))) {
            throw new StoreException("database " + file + ": cannot be written (expected: permission to)", null);
        }
    }

    private static HikariDataSource pool(String name, Path file, int size, int cacheKib, Duration busyTimeout) {
        SQLiteConfig sqlite = new SQLiteConfig();
        sqlite.setJournalMode(SQLiteConfig.JournalMode.WAL);
        sqlite.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        sqlite.setBusyTimeout((int) busyTimeout.toMillis());
        sqlite.setCacheSize(-cacheKib);
        sqlite.setPragma(SQLiteConfig.Pragma.WAL_AUTOCHECKPOINT, Integer.toString(CHECKPOINT_PAGES));
        if (size == 1) {
            // the write lock is taken at the start: a transaction that reads first cannot fail half-way
            sqlite.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        }
        SQLiteDataSource source = new SQLiteDataSource(sqlite);
        source.setUrl("jdbc:sqlite:" + file);
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setDataSource(source);
        config.setMaximumPoolSize(size);
        config.setMaxLifetime(0);
        config.setConnectionTimeout(Duration.ofSeconds(30).toMillis());
        if (size > 1) {
            config.setConnectionInitSql("PRAGMA query_only = ON");
        }
        try {
            return new HikariDataSource(config);
        } catch (PoolInitializationException | JdbiException e) {
            throw new StoreException("database " + file + ": " + rootMessage(e) + " (expected: an SQLite file)", e);
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
