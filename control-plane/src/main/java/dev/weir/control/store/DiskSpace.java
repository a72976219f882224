package dev.weir.control.store;

import com.google.errorprone.annotations.ThreadSafe;
import dev.weir.xds.SparseLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The space on the database's disk. A reserve file beside the database is deleted when the disk is full: what it held is
 * for terms and decisions, which are small, while records wait in the sidecars' files. Once twice the reserve is free, it is
 * made again and records are stored again.
 */
@ThreadSafe
final class DiskSpace {
    /** Bytes left free beside the reserve when it is made. */
    static final long MARGIN = 1 << 20;

    private static final SparseLog log = new SparseLog(LoggerFactory.getLogger(DiskSpace.class), System::nanoTime);
    private static final int BLOCK = 64 << 10;

    private final Path folder;
    private final Path reserve;
    private final long bytes;
    private volatile boolean full;

    /** {@code bytes}: the reserve's size; 0 = there is none. */
    DiskSpace(Path database, long bytes) {
        this.folder = database.resolveSibling(".");
        this.reserve = database.resolveSibling(database.getFileName() + "-reserve");
        this.bytes = bytes;
    }

    /** Whether {@code problem} is a full disk. */
    static boolean isFull(Throwable problem) {
        for (Throwable e = problem; e != null; e = e.getCause()) {
            if (e instanceof SQLiteException sqlite) {
                SQLiteErrorCode code = sqlite.getResultCode();
                return code == SQLiteErrorCode.SQLITE_FULL || code == SQLiteErrorCode.SQLITE_IOERR_SHMSIZE;
            }
        }
        return false;
    }

    /** Whether the disk was full, and has not had room again. */
    boolean full() {
        return full;
    }

    /** Takes note that the disk is full: gives the reserve away. True when there was one: it is worth trying again. */
    boolean ranOut() {
        boolean said = full;
        full = true;
        boolean freed = false;
        try {
            freed = Files.deleteIfExists(reserve);
        } catch (IOException e) {
            log.warn("reserve", "{}: cannot be deleted: {}", reserve, e.toString());
        }
        if (!said) {
            log.warn(
                    "full",
                    "disk full: {}; no records are stored until {} MiB are free, they wait in the sidecars' files{}",
                    folder.normalize(),
                    (needed() + MARGIN - 1) >> 20,
                    freed ? "; the reserve is freed for decisions" : "");
        }
        return freed;
    }

    /** Makes the reserve where there is room for it. Blocks for as long as that takes. */
    void refresh() {
        try {
            if (free() < (full ? needed() : bytes + MARGIN)) {
                return;
            }
            if (bytes > 0 && !Files.exists(reserve)) {
                fill();
            }
            if (full) {
                full = false;
                log.info("room", "disk: {} has room again, records are stored again", folder.normalize());
            }
        } catch (IOException e) {
            log.warn("reserve", "{}: not made yet: {}", reserve, e.toString());
        }
    }

    /** Bytes that others may use on this disk; 0 when that cannot be found out. */
    long free() {
        try {
            return Files.getFileStore(folder).getUsableSpace();
        } catch (IOException e) {
            return 0;
        }
    }

    /** Bytes in reserve now. */
    long reserved() {
        try {
            return Files.exists(reserve) ? Files.size(reserve) : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    private long needed() {
        return 2 * bytes + MARGIN;
    }

    /** Fills the reserve. It is written, because a file that is only said to be long takes no room. */
    private void fill() throws IOException {
        Path part = reserve.resolveSibling(reserve.getFileName() + ".part");
        try (FileChannel out = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer block = ByteBuffer.allocateDirect(BLOCK);
            for (long left = bytes; left > 0; left -= block.limit()) {
                block.clear().limit((int) Math.min(BLOCK, left));
                while (block.hasRemaining()) {
                    out.write(block);
                }
            }
            out.force(false);
        } catch (IOException e) {
            Files.deleteIfExists(part);
            throw e;
        }
        Files.move(part, reserve, StandardCopyOption.ATOMIC_MOVE);
    }
}
