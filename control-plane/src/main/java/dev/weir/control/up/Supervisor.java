package dev.weir.control.up;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;

/** Keeps parts running, and ends them one after the other, the last started first. */
@ThreadSafe
final class Supervisor implements AutoCloseable {
    private final PrefixedLog log;
    private final Guard guard = new Guard();
    private final Semaphore ends = new Semaphore(0);

    @GuardedBy("this")
    private final Deque<PartRunner> parts = new ArrayDeque<>();

    @GuardedBy("this")
    private boolean closed;

    Supervisor(PrefixedLog log) {
        this.log = log;
    }

    /** Starts a part, unless all are ending. */
    synchronized void start(Part part) {
        if (!closed) {
            parts.push(new PartRunner(part, log, guard, ends::release));
        }
    }

    synchronized boolean allRun() {
        return parts.stream().allMatch(PartRunner::isRunning);
    }

    /** Returns when some part has ended since the last call. */
    void awaitEnd() throws InterruptedException {
        ends.acquire();
        ends.drainPermits();
    }

    /** Ends all; returns when they are gone. Idempotent. */
    @Override
    public void close() {
        Deque<PartRunner> left;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            left = new ArrayDeque<>(parts);
        }
        left.forEach(PartRunner::stop);
        guard.close();
    }
}
