package dev.weir.control.config;

import dev.weir.control.threads.Guarded;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the configuration again when its files (or the secret files that it names) change.
 *
 * <p>It polls, because notifications miss network file systems and the links by which Kubernetes swaps a mounted volume. A
 * change counts once two polls in a row saw the same, so a file that is being written, or a directory in the middle of a
 * checkout, is not read half. All state belongs to the executor's one task.
 */
public final class ConfigWatcher implements AutoCloseable {

    private final ConfigLoader loader;
    private final Path directory;
    private final Consumer<LoadedConfig> listener;
    private LoadedConfig inForce;
    private List<Stamp> loadedFrom;
    private List<Stamp> lastSeen;
    private @Nullable ScheduledFuture<?> task;

    /** One file as the file system describes it; {@code identity} changes when a file is replaced by rename. */
    private record Stamp(Path path, long modifiedNanos, long changedNanos, long size, String identity) {}

    /**
     * @param loader reads
     * @param directory what was read
     * @param loaded what was read there before this watcher was made
     * @param listener told on the executor's thread when the configuration or its problems are others than before
     */
    public ConfigWatcher(ConfigLoader loader, Path directory, LoadedConfig loaded, Consumer<LoadedConfig> listener) {
        this.loader = loader;
        this.directory = directory.toAbsolutePath().normalize();
        this.listener = listener;
        this.inForce = loaded;
        this.loadedFrom = List.of(); // whatever changed since it was read is found by the first two polls
        this.lastSeen = List.of();
    }

    /** Polls every {@code period} until closed. */
    public void start(ScheduledExecutorService executor, Duration period) {
        // what a listener throws must not end the watching
        task = executor.scheduleWithFixedDelay(
                new Guarded("reading the configuration again", this::poll),
                period.toNanos(),
                period.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        if (task != null) {
            task.cancel(false);
        }
    }

    /** One look; reads when something changed and has come to rest. */
    void poll() {
        List<Stamp> now = stamps();
        boolean rests = now.equals(lastSeen);
        lastSeen = now;
        if (!rests || now.equals(loadedFrom)) {
            return;
        }
        LoadedConfig next = loader.reload(directory, inForce);
        loadedFrom = now;
        boolean same = next.config().equals(inForce.config()) && next.problems().equals(inForce.problems());
        inForce = next;
        if (!same) {
            listener.accept(next);
        }
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
        inForce.secretFiles().stream().sorted().map(ConfigWatcher::stamp).forEach(stamps::add);
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
