package dev.weir.control.metrics;

import dev.weir.xds.telemetry.FileRecords;
import io.micrometer.core.instrument.MeterRegistry;

/** Where lines of file logs go, with the lines counted that it took. */
public final class CountedFiles implements FileRecords {
    private final MeterRegistry registry;
    private final FileRecords files;

    public CountedFiles(MeterRegistry registry, FileRecords files) {
        this.registry = registry;
        this.files = files;
    }

    @Override
    public long accept(Chunk chunk) {
        long safe = files.accept(chunk);
        registry.counter(MetricNames.RECORDS, "source", "file", "kind", "line").increment((double) lines(chunk));
        return safe;
    }

    @Override
    public long position(String sidecar, String fileId) {
        return files.position(sidecar, fileId);
    }

    private static long lines(Chunk chunk) {
        long lines = 0;
        for (int i = 0; i < chunk.lines().size(); i++) {
            if (chunk.lines().byteAt(i) == '\n') {
                lines++;
            }
        }
        return lines;
    }
}
