package dev.weir.control.ledger;

import com.google.protobuf.ByteString;
import dev.weir.xds.PrintableText;
import dev.weir.xds.SparseLog;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.FileRecords.Chunk;
import dev.weir.xds.telemetry.ParsedRecord;
import dev.weir.xds.telemetry.RecordLine;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import org.slf4j.LoggerFactory;

/**
 * A chunk of a log file, read: what its lines came to. A bad line is counted and passed over, it never stops a file; an
 * unfinished last line is left for the next chunk.
 *
 * @param offset of the chunk's first byte
 * @param end offset after its last whole line
 * @param entries its records
 * @param rejected lines that hold none
 */
record FileLines(String sidecar, String fileId, long offset, long end, List<Entry> entries, int rejected) {
    /** Of the name of a sidecar or a file, characters. */
    private static final int MAX_NAME = 256;

    private static final SparseLog log = new SparseLog(LoggerFactory.getLogger(FileLines.class), System::nanoTime);

    /** @param forgottenMicros start of the latest record that may have been stored of files whose positions are forgotten */
    static FileLines read(Chunk chunk, OptionalLong forgottenMicros, Function<AccessRecord, Valuation> valuation) {
        byte[] bytes = chunk.lines().toByteArray();
        List<Entry> entries = new ArrayList<>();
        int rejected = 0;
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '\n') {
                continue;
            }
            ParsedRecord parsed = RecordLine.parse(chunk.sidecar(), bytes, start, i - start);
            if (parsed instanceof ParsedRecord.Accepted accepted
                    && forgottenMicros.isPresent()
                    && accepted.record().timing().startMicros() <= forgottenMicros.getAsLong()) {
                if (rejected++ == 0) {
                    log.warn(
                            "forgotten",
                            "sidecar {}, file {}, offset {}: start {} us (expected: later than {} us, before which files"
                                    + " are forgotten that have not moved for store.keep; it may be stored already)",
                            chunk.sidecar(),
                            chunk.fileId(),
                            chunk.offset() + start,
                            accepted.record().timing().startMicros(),
                            forgottenMicros.getAsLong());
                }
            } else if (parsed instanceof ParsedRecord.Accepted accepted) {
                AccessRecord record = accepted.record();
                entries.add(new Entry(record, valuation.apply(record), Entry.Origin.FILE));
            } else if (parsed instanceof ParsedRecord.Rejected refusal) {
                if (rejected++ == 0) {
                    log.warn(
                            "file_line",
                            "sidecar {}, file {}, offset {}: {}",
                            chunk.sidecar(),
                            chunk.fileId(),
                            chunk.offset() + start,
                            refusal.message());
                }
            }
            start = i + 1;
        }
        return new FileLines(
                chunk.sidecar(), chunk.fileId(), chunk.offset(), chunk.offset() + start, entries, rejected);
    }

    /** The latest start of its records; 0 = it has none. */
    long newestMicros() {
        return entries.stream()
                .mapToLong(entry -> entry.record().timing().startMicros())
                .max()
                .orElse(0);
    }

    /** Whether the chunk's names are fit to be stored. */
    static void check(String sidecar, String fileId, long offset, ByteString lines) {
        check("sidecar", sidecar);
        check("file_id", fileId);
        if (offset < 0 || offset > Long.MAX_VALUE - lines.size()) {
            throw new IllegalArgumentException("offset: " + offset + " (expected: 0 or more)");
        }
    }

    private static void check(String name, String value) {
        if (!PrintableText.isName(value, MAX_NAME)) {
            throw new IllegalArgumentException(
                    name + ": \"" + value + "\" (expected: " + PrintableText.name(MAX_NAME) + ")");
        }
    }
}
