package dev.weir.control.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Epoch;
import dev.weir.control.model.Failpoints;
import dev.weir.control.model.Failpoints.Point;
import dev.weir.control.model.Image;
import dev.weir.control.model.Publisher;
import dev.weir.control.threads.Named;
import dev.weir.xds.SparseLog;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * Stores released decisions, oldest first, on a thread of its own. While the database does not take them they wait, the
 * newest {@link #WAITING_LIMIT} of them: the newest is what a restart needs. One that is refused while a later one is taken
 * is tried once more and then given up, so that it never stands before the others.
 */
public final class DecisionPublisher implements Publisher, AutoCloseable {
    static final int WAITING_LIMIT = 256;
    private static final long RETRY_MILLIS = 500;

    private final DecisionStore store;
    private final Failpoints failpoints;
    private final SparseLog log = new SparseLog(LoggerFactory.getLogger(DecisionPublisher.class), System::nanoTime);
    private final Thread thread = Named.loop("weir-decisions", this::run);

    @GuardedBy("waiting")
    private final Deque<Decision> waiting = new ArrayDeque<>();
    /** Epoch of the newest that was taken: whatever is newer still has to be, even if nobody was told when it was released. */
    private Optional<Epoch> taken;

    @GuardedBy("waiting")
    private boolean closing;

    @GuardedBy("waiting")
    private long lost;

    /**
     * Starts.
     *
     * @param stored epoch of the newest decision that the store has
     * @param failpoints {@link Failpoints#NONE} outside tests
     */
    public DecisionPublisher(DecisionStore store, Optional<Epoch> stored, Failpoints failpoints) {
        this.store = store;
        this.taken = stored;
        this.failpoints = failpoints;
        thread.start();
    }

    @Override
    public void publish(Image image, boolean released) {
        image.decision()
                .filter(decision -> taken.map(decision.epoch()::compareTo).orElse(1) > 0)
                .ifPresent(this::take);
    }

    private void take(Decision decision) {
        synchronized (waiting) {
            waiting.add(decision);
            taken = Optional.of(decision.epoch());
            if (waiting.size() > WAITING_LIMIT) {
                waiting.removeFirst();
                lost++;
            }
            waiting.notifyAll();
        }
    }

    /** Decisions that were never stored: the database did not take them for too long, or took later ones instead. */
    public long lost() {
        synchronized (waiting) {
            return lost;
        }
    }

    /** Stores what waits, once more if need be, then ends. */
    @Override
    public void close() {
        synchronized (waiting) {
            closing = true;
            waiting.notifyAll();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (true) {
            Decision oldest;
            Decision newest;
            boolean last;
            synchronized (waiting) {
                while (waiting.isEmpty() && !closing) {
                    if (!await(0)) {
                        return;
                    }
                }
                if (waiting.isEmpty()) {
                    return;
                }
                oldest = waiting.getFirst();
                newest = waiting.getLast();
                last = closing;
            }
            if (stored(oldest, newest)) {
                continue;
            }
            if (last) {
                return;
            } else {
                synchronized (waiting) {
                    if (!closing && !await(RETRY_MILLIS)) {
                        return;
                    }
                }
            }
        }
    }

    /** Stores the oldest, or finds that it alone is refused. False when the database takes nothing: it is away. */
    private boolean stored(Decision oldest, Decision newest) {
        if (saved(oldest)) {
            done(oldest);
            return true;
        }
        if (oldest.equals(newest) || !saved(newest)) {
            return false;
        }
        done(newest);
        if (!saved(oldest)) {
            giveUp(oldest);
        }
        done(oldest);
        return true;
    }

    private void done(Decision decision) {
        synchronized (waiting) {
            waiting.remove(decision);
        }
    }

    private void giveUp(Decision decision) {
        log.warn("lost", "decision {} is given up: the database takes later ones", decision.epoch());
        synchronized (waiting) {
            lost++;
        }
    }

    private boolean saved(Decision decision) {
        try {
            failpoints.reached(Point.DECISION_SAVING);
            store.save(decision);
            failpoints.reached(Point.DECISION_SAVED);
            return true;
        } catch (RuntimeException e) {
            log.warn("waiting", "decision {} is not stored yet: {}", decision.epoch(), e.toString());
            return false;
        }
    }

    /** Waits for something to store; false when interrupted. Called with the lock held. */
    @GuardedBy("waiting")
    private boolean await(long millis) {
        try {
            waiting.wait(millis);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
