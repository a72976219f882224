package dev.weir.xds.telemetry;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.protobuf.ByteString;

/**
 * Receives the lines of sidecars' file logs, the records of truth, from collectors.
 *
 * <p>{@link #accept} may block for the write to storage: the collector's flow control waits for it. A stream has one chunk
 * in it at a time; two streams may name the same file while its collector reconnects.
 */
@ThreadSafe
public interface FileRecords {
    /**
     * Stores what {@code chunk} holds, idempotently, and returns the offset up to which the file is safe in storage. Throws
     * {@link RuntimeException} when storage failed: the chunk is then not acknowledged and comes again.
     */
    long accept(Chunk chunk);

    /** The offset up to which a file is safe in storage: where a collector that starts anew goes on; 0 = unknown file. */
    long position(String sidecar, String fileId);

    /**
     * @param sidecar node id
     * @param fileId stable name of one file (it survives a rename, and another file never has it)
     * @param offset of the first byte of {@code lines} in the file
     * @param lines whole lines, UTF-8, each ended by a newline
     */
    record Chunk(String sidecar, String fileId, long offset, ByteString lines) {}
}
