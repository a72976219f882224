package dev.weir.xds.bounds;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The memory that everything may have together which came in and is not stored yet: messages that are arriving, chunks that
 * wait for a disk, records that wait for the ledger. Whoever can wait takes ahead, in turn with the others
 * ({@link Account#await}); what comes unasked takes as it comes, and may use an eighth that the others leave
 * ({@link Account#tryTake}).
 */
@ThreadSafe
public final class ByteBudget {
    /** Smallest budget: a few chunks of collectors and one largest message. */
    public static final long MIN = 6L << 20;

    private final long total;
    private final long forWaiting;

    @GuardedBy("this")
    private final Deque<Account> waiting = new ArrayDeque<>();

    @GuardedBy("this")
    private long taken;

    @GuardedBy("this")
    private long refused;

    /** @param bytes in all, at least {@link #MIN} */
    public ByteBudget(long bytes) {
        if (bytes < MIN) {
            throw new IllegalArgumentException("bytes: " + bytes + " (expected: at least " + MIN + ")");
        }
        this.total = bytes;
        this.forWaiting = bytes - bytes / 8;
    }

    /**
     * A sixteenth of what the JVM may use of heap, and at least {@link #MIN}: there are three of them, and what arrives lies
     * outside the heap first and then, as records, once more within.
     */
    public static ByteBudget ofHeap() {
        return new ByteBudget(Math.max(MIN, Runtime.getRuntime().maxMemory() / 16));
    }

    /** Bytes in all. */
    public long total() {
        return total;
    }

    /** Bytes taken now. */
    public synchronized long taken() {
        return taken;
    }

    /** How often {@link Account#tryTake} found no room. */
    public synchronized long refused() {
        return refused;
    }

    /** Whether somebody waits who could have what he wants but for what others have. */
    @SuppressWarnings("GuardedBy") // as of grant()
    synchronized boolean full() {
        return waiting.stream().anyMatch(each -> each.mayTake(each.waiters.getFirst().bytes));
    }

    /** An account that may take as much as the budget has, divided by {@code share}. */
    public Account account(int share) {
        return new Account(total / share);
    }

    /** A wish that waits. It is told on the thread that gave back, and must not block. */
    static final class Waiter {
        private final long bytes;
        private final Runnable granted;

        Waiter(long bytes, Runnable granted) {
            this.bytes = bytes;
            this.granted = granted;
        }
    }

    /** What one peer has of the budget. */
    @ThreadSafe
    public final class Account {
        private final long most;

        @GuardedBy("ByteBudget.this")
        private final Deque<Waiter> waiters = new ArrayDeque<>();

        @GuardedBy("ByteBudget.this")
        private long own;

        private Account(long most) {
            this.most = most;
        }

        /** Takes now; false = there is no room, nothing was taken. */
        public boolean tryTake(long bytes) {
            synchronized (ByteBudget.this) {
                if (taken + bytes > total || own + bytes > most) {
                    refused++;
                    return false;
                }
                take(bytes);
                return true;
            }
        }

        /** Gives back what was taken. */
        public void give(long bytes) {
            List<Waiter> granted;
            synchronized (ByteBudget.this) {
                own -= bytes;
                taken -= bytes;
                granted = grant();
            }
            granted.forEach(waiter -> waiter.granted.run());
        }

        /** Takes when it is this account's turn and there is room; {@code waiter} is then run, perhaps at once. */
        void await(Waiter waiter) {
            List<Waiter> granted;
            synchronized (ByteBudget.this) {
                if (waiters.isEmpty()) {
                    waiting.addLast(this);
                }
                waiters.addLast(waiter);
                granted = grant();
            }
            granted.forEach(each -> each.granted.run());
        }

        /** Takes a wish back; false = it has been granted. */
        boolean leave(Waiter waiter) {
            synchronized (ByteBudget.this) {
                boolean left = waiters.removeIf(each -> each == waiter);
                if (left && waiters.isEmpty()) {
                    waiting.remove(this);
                }
                return left;
            }
        }

        @GuardedBy("ByteBudget.this")
        private void take(long bytes) {
            own += bytes;
            taken += bytes;
        }

        /** Whether the account's bound lets it; the first thing that it asks for is never too large. */
        @GuardedBy("ByteBudget.this")
        private boolean mayTake(long bytes) {
            return own == 0 || own + bytes <= most;
        }
    }

    /**
     * Grants what there is room for, to one after the other of the accounts that wait, each its oldest wish; one at its own bound
     * is passed over.
     */
    @GuardedBy("this")
    @SuppressWarnings(
            "GuardedBy") // the budget of each account in "waiting" is this one, which the compiler cannot know
    private List<Waiter> grant() {
        List<Waiter> granted = new ArrayList<>();
        int passedOver = 0;
        while (passedOver < waiting.size()) {
            Account first = waiting.getFirst();
            Waiter waiter = first.waiters.getFirst();
            boolean allowed = first.mayTake(waiter.bytes);
            if (allowed && taken > 0 && taken + waiter.bytes > forWaiting) {
                return granted;
            }
            waiting.removeFirst();
            if (allowed) {
                passedOver = 0;
                first.take(waiter.bytes);
                first.waiters.removeFirst();
                granted.add(waiter);
            } else {
                passedOver++;
            }
            if (!first.waiters.isEmpty()) {
                waiting.addLast(first);
            }
        }
        return granted;
    }
}
