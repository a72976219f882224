package dev.weir.control.collect;

import dev.weir.control.model.Failpoints;
import dev.weir.control.model.Failpoints.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that are followed: the log, and those that had its name before, each until storage has all of it. A file that
 * was renamed here is then deleted; one that someone else renamed is left alone.
 *
 * <p>Whenever the log is another file than before, and at the start, what others rotated is looked at as well: storage knows
 * each file by its first line and inode, so it says at once that it has it, or takes what it lacks. The same after the log was
 * emptied: what it held may have been copied before.
 */
final class Tails implements AutoCloseable {
    /**
     * How long a renamed file must have been silent. The sidecar writes into it until it opens the log anew, and never
     * after; this is a margin on top.
     */
    static final long SETTLE_NANOS = 1_000_000_000L;

    private static final Logger log = LoggerFactory.getLogger(Tails.class);

    private final String sidecar;
    private final LogFiles files;
    private final Delivered delivered;
    private final Failpoints failpoints;
    private final List<Former> former = new ArrayList<>();
    private @Nullable Tail live;
    private int deleted;
    private int restarts;
    private boolean saidCompressed;

    private static final class Former {
        private final Tail tail;
        private final boolean renamedHere;
        private long size = -1;
        private long silentSince;

        Former(Tail tail, boolean renamedHere) {
            this.tail = tail;
            this.renamedHere = renamedHere;
        }

        boolean silent(long nowNanos) throws IOException {
            long now = tail.file().size();
            if (now != size) {
                size = now;
                silentSince = nowNanos;
            }
            return nowNanos - silentSince >= SETTLE_NANOS;
        }
    }

    /** Opens what an earlier process renamed and did not finish. */
    Tails(String sidecar, LogFiles files, Delivered delivered, Failpoints failpoints) throws IOException {
        this.sidecar = sidecar;
        this.files = files;
        this.delivered = delivered;
        this.failpoints = failpoints;
        for (Path path : files.renamed()) {
            LogFile.open(path).ifPresent(file -> former.add(new Former(new Tail(sidecar, file, delivered), true)));
        }
        takeRotated();
    }

    private void takeRotated() throws IOException {
        Set<Long> known = new HashSet<>();
        all().forEach(tail -> known.add(tail.file().inode()));
        for (Path path : files.rotated()) {
            if (known.add(LogFile.inode(path))) {
                LogFile.open(path).ifPresent(file -> former.add(new Former(new Tail(sidecar, file, delivered), false)));
            }
        }
        List<Path> compressed = files.compressed();
        if (!compressed.isEmpty() && !saidCompressed) {
            saidCompressed = true;
            log.warn(
                    "{} and {} more: compressed, so not read (expected: rotation that compresses a day later)",
                    compressed.get(0),
                    compressed.size() - 1);
        }
    }

    /** Follows what happened to the names; closes and deletes what is done. */
    void refresh(long nowNanos) throws IOException {
        Tail current = live;
        long inode = LogFile.inode(files.log());
        if (current != null && current.file().inode() != inode) {
            log.warn("{}: renamed or deleted by someone; what is left of it is delivered, not deleted", files.log());
            former.add(new Former(current, false));
            live = null;
        }
        if (live == null && inode >= 0) {
            LogFile.open(files.log()).ifPresent(file -> live = new Tail(sidecar, file, delivered));
            restarts = -1;
        }
        if (live != null && live.restarts() != restarts) {
            restarts = live.restarts();
            takeRotated();
        }
        for (Iterator<Former> all = former.iterator(); all.hasNext(); ) {
            Former one = all.next();
            if (over(one, nowNanos) && one.tail.finished()) {
                // deleted first: what cannot be deleted now is looked at again
                if (one.renamedHere) {
                    failpoints.reached(Point.LOG_STORED);
                    Files.deleteIfExists(one.tail.file().path());
                    deleted++;
                }
                one.tail.file().close();
                all.remove();
            }
        }
    }

    /** Renames the log. */
    void rename() throws IOException {
        Tail current = live;
        if (current != null) {
            current.file().moved(files.rename());
            former.add(new Former(current, true));
            live = null;
            failpoints.reached(Point.LOG_RENAMED);
        }
    }

    Optional<Tail> live() {
        return Optional.ofNullable(live);
    }

    /** Whether a file that was renamed here is still there. */
    boolean hasRenamed() {
        return former.stream().anyMatch(f -> f.renamedHere);
    }

    /** The files that are followed, oldest first. */
    List<Tail> all() {
        List<Tail> all = new ArrayList<>(former.size() + 1);
        former.forEach(f -> all.add(f.tail));
        if (live != null) {
            all.add(live);
        }
        return all;
    }

    /** Whether a file grows no more, and has not grown for a while. */
    boolean isSilent(Tail tail, long nowNanos) throws IOException {
        for (Former one : former) {
            if (one.tail == tail) {
                return over(one, nowNanos);
            }
        }
        return false;
    }

    /** Whether the sidecar writes elsewhere by now: until it does, a file that others renamed is still its log. */
    private boolean over(Former one, long nowNanos) throws IOException {
        Tail current = live;
        return one.silent(nowNanos)
                && current != null
                && (one.renamedHere || current.file().size() > 0);
    }

    /** Files deleted since the start. */
    int deleted() {
        return deleted;
    }

    @Override
    public void close() throws IOException {
        for (Tail tail : all()) {
            tail.file().close();
        }
    }
}
