package dev.weir.control.publish;

import dev.weir.control.model.Decision;
import dev.weir.control.model.Image;
import dev.weir.control.store.DecisionStore;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores released decisions, in order, on a thread of its own. While the database does not take them they wait, the
 * newest {@link #WAITING_LIMIT} of them: the newest is what a restart needs.
 */
public final class DecisionPublisher implements Publisher, AutoCloseable {
    static final int WAITING_LIMIT = 256;
    private static final Logger log = LoggerFactory.getLogger(DecisionPublisher.class);
    private static final long RETRY_MILLIS = 500;

    private final DecisionStore store;
    private final Thread thread = new Thread(this::run, "weir-decisions");
    private final Deque<Decision> waiting = new ArrayDeque<>();
    private boolean closing;
    private long lost;

    public DecisionPublisher(DecisionStore store) {
        this.store = store;
        thread.start();
    }

    @Override
    public void publish(Image image, boolean released) {
        if (released) {
            synchronized (waiting) {
                image.decision().ifPresent(waiting::add);
                if (waiting.size() > WAITING_LIMIT) {
                    waiting.removeFirst();
                    lost++;
                }
                waiting.notifyAll();
            }
        }
    }

    /** Decisions that were never stored because the database did not take them for too long. */
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
            Decision next;
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
                next = waiting.getFirst();
                last = closing;
            }
            if (saved(next)) {
                synchronized (waiting) {
                    waiting.remove(next);
                }
            } else if (last) {
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

    private boolean saved(Decision decision) {
        try {
            store.save(decision);
            return true;
        } catch (RuntimeException e) {
            log.error("decision {} is not stored yet: {}", decision.epoch(), e.toString());
            return false;
        }
    }

    /** False when interrupted. Called with the lock held. */
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
