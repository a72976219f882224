package dev.weir.control.model;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The ledger and the decisions: {@code spec.store}.
 *
 * @param place which database
 * @param keep {@code keep}, how long records stay in it, 1 h - 10 years, default 30 days
 * @param export {@code export}, the folder that older rows go to before they are deleted, default {@code weir-export}
 *     beside the configuration; empty = {@code none}, they are deleted
 * @param keepExports {@code keepExports}, how long files stay there, 1 h - 100 years; empty = for ever, the default
 */
public record Store(Place place, Duration keep, Optional<Path> export, Optional<Duration> keepExports) {
    public static final Duration KEEP = Duration.ofDays(30);
    /** Decisions that stay. */
    public static final int DECISIONS = 10_000;

    /** Where a database is. */
    public sealed interface Place {}

    /**
     * One file.
     *
     * @param path {@code path}, default {@code weir.db} beside the configuration
     * @param reserve {@code reserve}, bytes held back on its disk, 0 - 16 GiB, default 64 MiB
     */
    public record Sqlite(Path path, long reserve) implements Place {
        public static final long RESERVE = 64L << 20;
    }
}
