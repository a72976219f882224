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

    static void advance(Handle handle, FileLines lines) {
        handle.execute(
                "INSERT INTO log_file (sidecar, file_id, position, accepted, rejected, newest_micros)"
                        + " VALUES (?, ?, ?, ?, ?, ?)"
                        + " ON CONFLICT (sidecar, file_id) DO UPDATE SET position = excluded.position,"
                        + " accepted = log_file.accepted + excluded.accepted,"
                        + " rejected = log_file.rejected + excluded.rejected,"
                        + " newest_micros = CASE WHEN excluded.newest_micros > log_file.newest_micros"
                        + " THEN excluded.newest_micros ELSE log_file.newest_micros END",
                lines.sidecar(),
                lines.fileId(),
                lines.end(),
                lines.entries().size(),
                lines.rejected(),
                lines.newestMicros());
    }
}
