package dev.weir.control.collect;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names on the disk: the log that the sidecar writes, files renamed from it here, {@code LOG.weir-1} and so on, and those
 * that others rotated: {@code LOG.1}, {@code LOG-20260101}, {@code LOG.2026-01-01.2}, or the same before the log's extension.
 */
final class LogFiles {
    private static final Pattern NUMBER = Pattern.compile("\\d{1,15}");
    private static final String MARK = ".weir-";
    /** A small number behind a dot, or a date of six digits or more: {@code agent-2.log} is another agent's log. */
    private static final String ROTATED =
            "(?:\\.\\d{1,4}|[.-]\\d{6,14}(?:[.-]\\d+)*|[.-]\\d{4}-\\d{2}-\\d{2}(?:[.T_-]?\\d+)*)";

    private static final String COMPRESSED = "\\.(?:gz|bz2|xz|zst|lz4|Z)";
    /** Of rotated files that are looked at: the newest. */
    private static final int MAX = 64;

    private final Path log;
    private final Path folder;
    private final Pattern rotated;
    private final Pattern compressed;

    /** {@code log} is absolute. */
    LogFiles(Path log) {
        this.log = log;
        this.folder = Optional.ofNullable(log.getParent()).orElse(log);
        String name = String.valueOf(log.getFileName());
        int dot = name.lastIndexOf('.');
        String stem = dot > 0 ? name.substring(0, dot) : name;
        String extension = dot > 0 ? name.substring(dot) : "";
        String names = "(?:" + Pattern.quote(name) + ROTATED + "|" + Pattern.quote(stem) + ROTATED
                + Pattern.quote(extension) + ")";
        this.rotated = Pattern.compile(names);
        this.compressed = Pattern.compile(names + COMPRESSED);
    }

    Path log() {
        return log;
    }

    /** Renamed files that are still there, oldest first. */
    List<Path> renamed() throws IOException {
        return new ArrayList<>(byNumber().values());
    }

    /** Files that others renamed or copied from the log, oldest first. */
    List<Path> rotated() throws IOException {
        NavigableMap<String, Path> byAge = new TreeMap<>();
        for (Path path : named(rotated)) {
            if (Files.isRegularFile(path)) {
                long age = Files.getLastModifiedTime(path).toMillis();
                byAge.put(String.format(Locale.ROOT, "%020d %s", age, path.getFileName()), path);
            }
        }
        List<Path> all = new ArrayList<>(byAge.values());
        return all.subList(Math.max(0, all.size() - MAX), all.size());
    }

    /** Files that others rotated and compressed, which are not read. */
    List<Path> compressed() throws IOException {
        return named(compressed);
    }

    private List<Path> named(Pattern pattern) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            for (Path path : all) {
                if (pattern.matcher(String.valueOf(path.getFileName())).matches()) {
                    found.add(path);
                }
            }
        }
        return found;
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
