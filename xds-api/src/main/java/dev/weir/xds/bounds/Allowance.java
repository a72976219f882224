package dev.weir.xds.bounds;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.weir.xds.bounds.ByteBudget.Account;
import dev.weir.xds.bounds.ByteBudget.Waiter;
import io.grpc.Context;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that one stream has of the budget: for the message that is arriving, for those that have arrived and are not handed
 * on, and for one that it was told to send. A message's bytes are given back when its handler has returned, unless the handler
 * keeps them ({@link #keep}).
 */
@ThreadSafe
public final class Allowance {
    /** How long a message may take to come once it was asked for or has begun. */
    static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final Context.Key<Allowance> CURRENT = Context.key("weir-allowance");

    @GuardedBy("this")
    private final Deque<Long> arrived = new ArrayDeque<>();

    @GuardedBy("this")
    private @Nullable Account account;

    private Runnable cut = () -> {};

    @GuardedBy("this")
    private @Nullable Waiter waiter;

    @GuardedBy("this")
    private long reserved;

    @GuardedBy("this")
    private long arriving;

    @GuardedBy("this")
    private long sinceNanos;

    private long handedOn;

    @GuardedBy("this")
    private boolean over;

    /** Bytes of one message that its handler keeps; given back once, later calls do nothing. */
    public final class Held {
        @GuardedBy("this")
        private long bytes;

        private Held(long bytes) {
            this.bytes = bytes;
        }

        public void give() {
            long now;
            synchronized (this) {
                now = bytes;
                bytes = 0;
            }
            giveBack(now);
        }
    }

    Allowance() {}

    /** The allowance of the call in whose context this runs; one without limits where no meter stands before the service. */
    public static Allowance current() {
        Allowance current = CURRENT.get();
        return current == null ? new Allowance() : current;
    }

    Context in(Context context) {
        return context.withValue(CURRENT, this);
    }

    /** @param onCut ends the call, never blocks */
    synchronized void belongsTo(Account owner, Runnable onCut) {
        account = owner;
        cut = onCut;
    }

    /**
     * Takes {@code bytes} for the message that the peer will send next, in turn with other peers, and then runs {@code granted},
     * perhaps at once, perhaps never if the stream ends first. What does not come within {@link #PATIENCE_NANOS} is
     * given back; the message then has to find room as it comes, as what is larger than {@code bytes} has to.
     */
    public void await(long bytes, Runnable granted) {
        Account owner;
        Waiter mine;
        synchronized (this) {
            if (over) {
                return;
            }
            owner = account;
            mine = new Waiter(bytes, () -> granted(bytes, granted));
            waiter = owner == null ? null : mine;
        }
        if (owner == null) {
            granted.run();
        } else {
            owner.await(mine);
        }
    }

    private void granted(long bytes, Runnable granted) {
        boolean late;
        synchronized (this) {
            waiter = null;
            late = over;
            if (!late) {
                reserved += bytes;
                sinceNanos = System.nanoTime();
            }
        }
        if (late) {
            giveBack(bytes);
        } else {
            granted.run();
        }
    }

    /** Keeps the bytes of the message that is being handled: they stay taken until the caller gives them back. */
    public synchronized Held keep() {
        Held held = new Held(handedOn);
        handedOn = 0;
        return held;
    }

    /** Takes note that bytes of a message came in. */
    void arrives(long bytes) {
        Account owner;
        long more;
        synchronized (this) {
            owner = account;
            if (over || owner == null) {
                return;
            }
            if (arriving == 0) {
                sinceNanos = System.nanoTime();
            }
            long ahead = Math.min(reserved, bytes);
            reserved -= ahead;
            more = bytes - ahead;
            arriving += ahead;
        }
        if (more == 0) {
            return;
        }
        if (!owner.tryTake(more)) {
            cut.run();
            return;
        }
        synchronized (this) {
            if (!over) {
                arriving += more;
                return;
            }
        }
        owner.give(more);
    }

    /** Takes note that a message is whole: what was reserved beyond it is not needed. */
    void whole() {
        long spare;
        synchronized (this) {
            arrived.addLast(arriving);
            arriving = 0;
            spare = reserved;
            reserved = 0;
        }
        giveBack(spare);
    }

    /** Takes note that the oldest message goes to its handler. */
    synchronized void handsOn() {
        Long bytes = arrived.pollFirst();
        handedOn = bytes == null ? 0 : bytes;
    }

    /** Takes note that the handler has returned. */
    void handedOn() {
        keep().give();
    }

    /** Gives everything back, as the stream has ended; what handlers keep stays theirs. */
    void end() {
        long all;
        Waiter waiting;
        Account owner;
        synchronized (this) {
            over = true;
            waiting = waiter;
            waiter = null;
            owner = account;
            all = reserved + arriving;
            for (long bytes : arrived) {
                all += bytes;
            }
            arrived.clear();
            reserved = 0;
            arriving = 0;
        }
        if (owner != null && waiting != null) {
            boolean unused = owner.leave(waiting); // if it is too late, granted() gives back
        }
        giveBack(all);
    }

    /** Gives back what was reserved for too long, and cuts a stream whose message does not come to its end. */
    void expire(long nowNanos) {
        long spare = 0;
        boolean stuck;
        synchronized (this) {
            boolean late = nowNanos - sinceNanos > PATIENCE_NANOS;
            stuck = late && arriving > 0;
            if (late) {
                spare = reserved;
                reserved = 0;
            }
        }
        giveBack(spare);
        if (stuck) {
            cut.run();
        }
    }

    private void giveBack(long bytes) {
        Account owner;
        synchronized (this) {
            owner = account;
        }
        if (owner != null && bytes > 0) {
            owner.give(bytes);
        }
    }
}
