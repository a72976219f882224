package dev.weir.control.store;

import dev.weir.xds.SparseLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An SQLite file in WAL mode, every commit forced to the disk ({@code synchronous = FULL}). One connection writes, a few read;
 * readers never wait for the writer. Other processes may open the same file: each waits for the others' transactions up to
 * the busy time-out.
 *
 * <p>On a full disk what is small still goes in, as long as the reserve lasts ({@link DiskSpace}); what is much does not.
 */
public final class SqliteDatabase implements Database {
    /** How long to wait for another process's transaction. */
    public static final Duration BUSY_TIMEOUT = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(SqliteDatabase.class);
    /** Log of attempts to open it for writing, each second. */
    private static final SparseLog attempts = new SparseLog(log, System::nanoTime);
    /** What SQLite's library takes where it is unpacked. */
    private static final long LIBRARY_BYTES = 4 << 20;

    private final Path path;
    private final Duration busyTimeout;
    private final DiskSpace space;
    /** Null while not even reading is possible. */
    private volatile @Nullable Connections connections;

    private SqliteDatabase(Path path, Duration busyTimeout, DiskSpace space) {
        this.path = path;
        this.busyTimeout = busyTimeout;
        this.space = space;
    }

    /** {@link #open(Path, Duration)} with {@link #BUSY_TIMEOUT}. */
    public static SqliteDatabase open(Path path) {
        return open(path, BUSY_TIMEOUT);
    }

    /** Opens the file, creates it if need be, and brings its schema up to date. Throws {@link StoreException}. */
    public static SqliteDatabase open(Path path, Duration busyTimeout) {
        Path file = checked(path);
        SqliteDatabase database = new SqliteDatabase(file, busyTimeout, new DiskSpace(file, 0));
        database.connections = Connections.open(file, busyTimeout);
        return database;
    }

    /**
     * As {@link #open(Path, Duration)}, but on a full disk too: then the reserve is freed, and where that is not enough, the
     * database can only be read, or not even that, until {@link #upkeep} finds room.
     *
     * @param reserve bytes held back on the disk for what is small, from the first {@link #upkeep} on; 0 = none
     */
    public static SqliteDatabase openAnyhow(Path path, Duration busyTimeout, long reserve) {
        Path file = checked(path);
        libraryElsewhere();
        SqliteDatabase database = new SqliteDatabase(file, busyTimeout, new DiskSpace(file, reserve));
        try {
            database.connections = database.roomMade(() -> Connections.open(file, busyTimeout));
        } catch (StoreException e) {
            if (!DiskSpace.isFull(e)) {
                throw e;
            }
            log.error("database {}: no room to open it for writing; it is read until there is", file);
            database.connections = readOnly(file, busyTimeout);
        }
        return database;
    }

    @Override
    public <T> T write(Function<Handle, T> body) {
        return roomMade(() -> writer().inTransaction(body::apply));
    }

    @Override
    public <T> T writeMuch(Function<Handle, T> body) {
        if (space.full()) {
            throw noRoom(null);
        }
        try {
            return writer().inTransaction(body::apply);
        } catch (RuntimeException e) {
            if (!DiskSpace.isFull(e)) {
                throw e;
            }
            boolean unused = space.ranOut();
            throw noRoom(e);
        }
    }

    @Override
    public <T> T read(Function<Handle, T> body) {
        Connections now = connections;
        if (now == null) {
            throw noRoom(null);
        }
        return now.read().inTransaction(body::apply);
    }

    /** Makes the reserve, or opens the file for writing, where there is room by now. */
    @Override
    public void upkeep() {
        space.refresh();
        Connections now = connections;
        if ((now == null || now.write().isEmpty()) && space.free() > DiskSpace.MARGIN) {
            reopen(now);
        }
    }

    @Override
    public boolean full() {
        return space.full();
    }

    /** It is not while the disk is too full even to open the file. */
    @Override
    public boolean readable() {
        return connections != null;
    }

    @Override
    public long free() {
        return space.free();
    }

    @Override
    public long reserved() {
        return space.reserved();
    }

    @Override
    public void close() {
        Connections now = connections;
        if (now != null) {
            now.close();
        }
    }

    /** Runs {@code body}; once more where the disk was full and the reserve made room. */
    private <T> T roomMade(Supplier<T> body) {
        try {
            return body.get();
        } catch (RuntimeException e) {
            if (!DiskSpace.isFull(e)) {
                throw e;
            }
            if (!space.ranOut()) {
                throw noRoom(e);
            }
            return body.get();
        }
    }

    private Jdbi writer() {
        Connections now = connections;
        if (now == null || now.write().isEmpty()) {
            throw noRoom(null);
        }
        return now.write().get();
    }

    private StoreException noRoom(@Nullable Throwable cause) {
        return new StoreException("database " + path + ": no space left on its disk (expected: some)", cause);
    }

    /** Opens the file for writing. The connection that only reads keeps others out, so it goes first. */
    private void reopen(@Nullable Connections readOnly) {
        connections = null;
        if (readOnly != null) {
            readOnly.close();
        }
        try {
            connections = Connections.open(path, busyTimeout);
            log.info("database {}: open for writing again", path);
        } catch (StoreException e) {
            attempts.warn("reopen", "database {}: not open for writing yet: {}", path, String.valueOf(e.getMessage()));
            connections = readOnly(path, busyTimeout);
        }
    }

    private static @Nullable Connections readOnly(Path file, Duration busyTimeout) {
        try {
            return Files.exists(file) ? Connections.readOnly(file, busyTimeout) : null;
        } catch (StoreException e) {
            log.error("{}; not even read until there is room", e.getMessage());
            return null;
        }
    }

    /** Finds a place for SQLite's library, which is unpacked at each start: into memory, where the usual folder is full. */
    private static void libraryElsewhere() {
        Path usual = Path.of(System.getProperty("java.io.tmpdir"));
        Path memory = Path.of("/dev/shm");
        try {
            if (System.getProperty("org.sqlite.tmpdir") == null
                    && Files.getFileStore(usual).getUsableSpace() < LIBRARY_BYTES
                    && Files.isWritable(memory)) {
                System.setProperty("org.sqlite.tmpdir", memory.toString());
            }
        } catch (IOException e) {
            log.debug("{}: space unknown", usual, e); // then the usual folder is tried
        }
    }

    private static Path checked(Path path) {
        Path file = path.toAbsolutePath().normalize();
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
        return file;
    }
}
