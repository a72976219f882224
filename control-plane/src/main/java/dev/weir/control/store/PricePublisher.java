package dev.weir.control.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.weir.control.model.Failpoints;
import dev.weir.control.model.Failpoints.Point;
import dev.weir.control.model.Image;
import dev.weir.control.model.Publisher;
import dev.weir.control.threads.Named;
import dev.weir.weights.Proposal.Announcement;
import dev.weir.xds.SparseLog;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/**
 * Stores announced prices, on a thread of its own, and tells the loop of those that are: only these go out. While the database
 * takes none, the prices before stay in force.
 */
public final class PricePublisher implements Publisher, AutoCloseable {
    private static final long RETRY_NANOS = 500_000_000;

    private final PriceStore store;
    private final Consumer<Announcement> listener;
    private final Failpoints failpoints;
    private final SparseLog log = new SparseLog(LoggerFactory.getLogger(PricePublisher.class), System::nanoTime);
    private final Thread thread = Named.loop("weir-prices", this::run);

    @GuardedBy("this")
    private List<Announcement> newest = List.of();

    @GuardedBy("this")
    private Set<Announcement> stored;

    @GuardedBy("this")
    private boolean closing;

    /**
     * Starts.
     *
     * @param stored what the store has
     * @param listener told of an announcement that is stored, on the loop's thread, once a tick while it is announced
     * @param failpoints {@link Failpoints#NONE} outside tests
     */
    public PricePublisher(
            PriceStore store, List<Announcement> stored, Consumer<Announcement> listener, Failpoints failpoints) {
        this.store = store;
        this.stored = Set.copyOf(stored);
        this.listener = listener;
        this.failpoints = failpoints;
        thread.start();
    }

    @Override
    public void publish(Image image, boolean released) {
        Set<Announcement> known;
        synchronized (this) {
            newest = image.proposal().announced();
            known = new LinkedHashSet<>(newest);
            known.retainAll(stored);
            if (known.size() < newest.size()) {
                notifyAll();
            }
        }
        known.forEach(listener);
    }

    /** Ends, without storing what is announced: it did not go out. */
    @Override
    public void close() {
        synchronized (this) {
            closing = true;
            notifyAll();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            Set<Announcement> missing = next(0);
            while (!missing.isEmpty()) {
                missing = next(saved(missing) ? 0 : RETRY_NANOS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits so long, and then for announcements that are not stored; empty = it is over. */
    private synchronized Set<Announcement> next(long pauseNanos) throws InterruptedException {
        long until = System.nanoTime() + pauseNanos;
        while (!closing) {
            Set<Announcement> missing = new LinkedHashSet<>(newest);
            missing.removeAll(stored);
            long left = until - System.nanoTime();
            if (!missing.isEmpty() && left <= 0) {
                return missing;
            }
            wait(missing.isEmpty() ? 0 : Math.max(1, left / 1_000_000));
        }
        return Set.of();
    }

    private boolean saved(Set<Announcement> missing) {
        try {
            failpoints.reached(Point.PRICE_SAVING);
            store.save(missing);
            failpoints.reached(Point.PRICE_SAVED);
        } catch (RuntimeException e) {
            log.warn("waiting", "prices are not stored yet, those before stay in force: {}", e.toString());
            return false;
        }
        synchronized (this) {
            // what was announced before of the same pools is replaced
            Set<Announcement> now = new HashSet<>(newest);
            now.retainAll(stored);
            now.addAll(missing);
            stored = now;
        }
        return true;
    }
}
