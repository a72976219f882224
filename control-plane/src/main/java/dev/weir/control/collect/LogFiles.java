package dev.weir.control.collect;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names on the disk: the log that the sidecar writes, and files renamed from it, {@code LOG.weir-1} and so on. */
final class LogFiles {
    private static final Pattern NUMBER = Pattern.compile("\\d{1,15}");
    private static final String MARK = ".weir-";

    private final Path log;
    private final Path folder;

    /** {@code log} is absolute. */
    LogFiles(Path log) {
        this.log = log;
        this.folder = Optional.ofNullable(log.getParent()).orElse(log);
    }

    Path log() {
        return log;
    }

    /** Renamed files that are still there, oldest first. */
    List<Path> renamed() throws IOException {
        return new ArrayList<>(byNumber().values());
    }

    /** Gives the log another name, and returns it. The sidecar goes on writing into it until it opens the log anew. */
    Path rename() throws IOException {
        NavigableMap<Long, Path> taken = byNumber();
        long number = taken.isEmpty() ? 1 : taken.lastKey() + 1;
        Path to = folder.resolve(log.getFileName() + MARK + number);
        return Files.move(log, to); // never replaces another file
    }

    private NavigableMap<Long, Path> byNumber() throws IOException {
        String prefix = log.getFileName() + MARK;
        NavigableMap<Long, Path> found = new TreeMap<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            for (Path path : all) {
                String name = String.valueOf(path.getFileName());
                if (name.startsWith(prefix)) {
                    Matcher number = NUMBER.matcher(name.substring(prefix.length()));
                    if (number.matches()) {
                        found.put(Long.parseLong(number.group()), path);
                    }
                }
            }
        }
        return found;
    }
}
