package dev.weir.control.ledger;

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

    static void advance(Handle handle, FileLines lines) {
        handle.execute(
                "INSERT INTO log_file (sidecar, file_id, position, accepted, rejected) VALUES (?, ?, ?, ?, ?)"
                        + " ON CONFLICT (sidecar, file_id) DO UPDATE SET position = excluded.position,"
                        + " accepted = log_file.accepted + excluded.accepted,"
                        + " rejected = log_file.rejected + excluded.rejected",
                lines.sidecar(),
                lines.fileId(),
                lines.end(),
                lines.entries().size(),
                lines.rejected());
    }
}
