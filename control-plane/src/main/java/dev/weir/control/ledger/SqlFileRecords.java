package dev.weir.control.ledger;

import dev.weir.control.store.Database;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.FileRecords;
import java.util.OptionalLong;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Lines of file logs into the ledger. A chunk's rows and the file's new position are one transaction, so a process that
 * dies at any moment has stored both or neither.
 */
final class SqlFileRecords implements FileRecords {
    /** Chunks that are read at once; the rest wait, so that many collectors that catch up do not fill the memory. */
    private static final int AT_ONCE = 8;

    private static final long STORE_SECONDS = 60;

    private final Database database;
    private final LedgerWriter writer;
    private final Function<AccessRecord, Valuation> valuation;
    private final Semaphore room = new Semaphore(AT_ONCE, true);

    SqlFileRecords(Database database, LedgerWriter writer, Function<AccessRecord, Valuation> valuation) {
        this.database = database;
        this.writer = writer;
        this.valuation = valuation;
    }

    @Override
    public long accept(Chunk chunk) {
        FileLines.check(chunk.sidecar(), chunk.fileId(), chunk.offset(), chunk.lines());
        if (database.full() || !database.readable()) { // nor can records be held against stored decisions
            throw new IllegalStateException("chunk not stored: the database's disk is full");
        }
        room.acquireUninterruptibly();
        try {
            OptionalLong forgotten = database.read(handle -> FileTable.forgottenMicros(handle, chunk.sidecar()));
            FileLines lines = FileLines.read(chunk, forgotten, valuation);
            return writer.store(lines)
                    .orTimeout(STORE_SECONDS, TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException e) {
            throw new IllegalStateException("chunk not stored: " + e.getCause(), e.getCause());
        } finally {
            room.release();
        }
    }

    @Override
    public long position(String sidecar, String fileId) {
        return database.read(handle -> FileTable.position(handle, sidecar, fileId));
    }
}
