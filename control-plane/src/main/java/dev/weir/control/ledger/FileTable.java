package dev.weir.control.ledger;

import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/** How far each sidecar's log file is stored, and what its lines came to. */
final class FileTable {
    private FileTable() {}

    /** The offset before which everything is stored; 0 = unknown file. */
    static long position(Handle handle, String sidecar, String fileId) {
        return handle.createQuery("SELECT position FROM log_file WHERE sidecar = ? AND file_id = ?")
                .bind(0, sidecar)
                .bind(1, fileId)
                .mapTo(Long.class)
                .findOne()
                .orElse(0L);
    }

    /** Start of the latest record that came from a file of the sidecar whose position is forgotten; empty = there is none. */
    static OptionalLong forgottenMicros(Handle handle, String sidecar) {
        return handle.createQuery("SELECT newest_micros FROM forgotten_file WHERE sidecar = ?")
                .bind(0, sidecar)
                .mapTo(Long.class)
                .findOne()
                .map(OptionalLong::of)
                .orElse(OptionalLong.empty());
    }

    /**
     * Moves the position from the chunk's start to its end. False, and nothing is changed, where it is not at the start, be it
     * that another writer has moved it since anybody looked.
     */
    static boolean advance(Handle handle, FileLines lines) {
        return lines.offset() == 0 ? begin(handle, lines) : move(handle, lines);
    }

    private static boolean begin(Handle handle, FileLines lines) {
        return handle.execute(
                        "INSERT INTO log_file (sidecar, file_id, position, accepted, rejected, newest_micros)"
                                + " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (sidecar, file_id) DO NOTHING",
                        lines.sidecar(),
                        lines.fileId(),
                        lines.end(),
                        lines.entries().size(),
                        lines.rejected(),
                        lines.newestMicros())
                == 1;
    }

    private static boolean move(Handle handle, FileLines lines) {
        return handle.execute(
                        "UPDATE log_file SET position = ?, accepted = accepted + ?, rejected = rejected + ?, newest_micros ="
                                + " CASE WHEN newest_micros < ? THEN ? ELSE newest_micros END"
                                + " WHERE sidecar = ? AND file_id = ? AND position = ?",
                        lines.end(),
                        lines.entries().size(),
                        lines.rejected(),
                        lines.newestMicros(),
                        lines.newestMicros(),
                        lines.sidecar(),
                        lines.fileId(),
                        lines.offset())
                == 1;
    }
}
