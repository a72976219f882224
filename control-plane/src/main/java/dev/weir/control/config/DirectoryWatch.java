package dev.weir.control.config;

import dev.weir.control.threads.Guarded;
import dev.weir.control.threads.Named;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Tells when the files of a directory (or the secret files that they name) change.
 *
 * <p>It polls, because notifications miss network file systems and the links by which Kubernetes swaps a mounted volume. A
 * change counts once two polls in a row saw the same, so a file that is being written, or a directory in the middle of a
 * checkout, is not read half. All state belongs to the executor's one task.
 */
final class DirectoryWatch implements AutoCloseable {
    private final Path directory;
    private final Supplier<Set<Path>> secretFiles;
    private final Runnable changed;
    private final ScheduledExecutorService executor =
            Executors.newSingleThreadScheduledExecutor(Named.threads("weir-config"));
    private List<Stamp> toldOf = List.of(); // whatever changed since it was read is found by the first two polls
    private List<Stamp> lastSeen = List.of();

    /** One file as the file system describes it; {@code identity} changes when a file is replaced by rename. */
    private record Stamp(Path path, long modifiedNanos, long changedNanos, long size, String identity) {}

    /** @param secretFiles those that the last reading asked for, in any order that stays */
    DirectoryWatch(Path directory, Supplier<Set<Path>> secretFiles, Runnable changed) {
        this.directory = directory;
        this.secretFiles = secretFiles;
        this.changed = changed;
    }

    /** Polls every {@code period} until closed. */
    void start(Duration period) {
        var unused = executor.scheduleWithFixedDelay(
                new Guarded("reading the configuration again", this::poll),
                period.toNanos(),
                period.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }

    /** One look; tells when something changed and has come to rest. */
    void poll() {
        List<Stamp> now = stamps();
        boolean rests = now.equals(lastSeen);
        lastSeen = now;
        if (!rests || now.equals(toldOf)) {
            return;
        }
        changed.run();
        toldOf = now;
    }

    private List<Stamp> stamps() {
        List<Stamp> stamps = new ArrayList<>();
        try {
            for (Path path : Directory.candidates(directory)) {
                stamps.add(stamp(path));
            }
        } catch (IOException | DirectoryIteratorException e) {
            stamps.add(new Stamp(directory, 0, 0, -1, "unreadable"));
        }
        secretFiles.get().stream().map(DirectoryWatch::stamp).forEach(stamps::add);
        return stamps;
    }

    private static Stamp stamp(Path path) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return new Stamp(
                    path,
                    attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS),
                    changed(path),
                    attributes.size(),
                    String.valueOf(attributes.fileKey()));
        } catch (IOException e) {
            return new Stamp(path, 0, 0, -1, "unreadable");
        }
    }

    /** The inode's change time, which no tool sets back, where the file system has one. */
    private static long changed(Path path) throws IOException {
        try {
            return Files.getAttribute(path, "unix:ctime") instanceof java.nio.file.attribute.FileTime time
                    ? time.to(TimeUnit.NANOSECONDS)
                    : 0;
        } catch (UnsupportedOperationException e) {
            return 0;
        }
    }
}
