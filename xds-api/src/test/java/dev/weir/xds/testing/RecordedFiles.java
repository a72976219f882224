package dev.weir.xds.testing;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.weir.xds.telemetry.FileRecords;
import java.util.HashMap;
import java.util.Map;

/** Keeps every file's text in memory. */
public final class RecordedFiles implements FileRecords {
    @GuardedBy("this")
    private final Map<String, StringBuilder> files = new HashMap<>();

    @Override
    public synchronized long accept(Chunk chunk) {
        StringBuilder file = files.computeIfAbsent(key(chunk.sidecar(), chunk.fileId()), key -> new StringBuilder());
        if (file.length() == chunk.offset()) {
            file.append(chunk.lines().toStringUtf8());
        }
        return file.length();
    }

    @Override
    public synchronized long position(String sidecar, String fileId) {
        return text(sidecar, fileId).length();
    }

    /** What came of a file, in ASCII. */
    public synchronized String text(String sidecar, String fileId) {
        StringBuilder file = files.get(key(sidecar, fileId));
        return file == null ? "" : file.toString();
    }

    private static String key(String sidecar, String fileId) {
        return sidecar + "/" + fileId;
    }
}
