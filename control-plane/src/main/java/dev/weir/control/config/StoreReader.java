package dev.weir.control.config;

import dev.weir.control.model.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Reads {@code Mesh.spec.store}. */
final class StoreReader {
    private static final Duration MIN = Duration.ofHours(1);
    private static final Duration MAX_KEEP = Duration.ofDays(3_650);
    private static final Duration MAX_EXPORT = Duration.ofDays(36_500);
    private static final long LARGEST_RESERVE = 16L << 30;

    private static final String NONE = "none";

    private final Secrets paths;

    StoreReader(Secrets paths) {
        this.paths = paths;
    }

    Store read(Optional<Fields> store) {
        Path path = store.flatMap(s -> s.text("path", "a path", paths::path))
                .or(() -> paths.path("weir.db"))
                .orElseThrow();
        long reserve = store.flatMap(s -> s.size("reserve", 0, LARGEST_RESERVE)).orElse(Store.Sqlite.RESERVE);
        Duration keep = store.flatMap(s -> s.duration("keep", MIN, MAX_KEEP)).orElse(Store.KEEP);
        Optional<Path> export = store.flatMap(s -> s.text("export", "a folder, or none", this::folderOrNone))
                .or(() -> Optional.of("weir-export"))
                .filter(folder -> !folder.equals(NONE))
                .flatMap(paths::path);
        Optional<Duration> keepExports = store.flatMap(s -> s.duration("keepExports", MIN, MAX_EXPORT));
        store.ifPresent(Fields::end);
        return new Store(new Store.Sqlite(path, reserve), keep, export, keepExports);
    }

    private Optional<String> folderOrNone(String text) {
        return text.equals(NONE) || paths.path(text).isPresent() ? Optional.of(text) : Optional.empty();
    }
}
