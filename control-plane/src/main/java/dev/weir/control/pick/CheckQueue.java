package dev.weir.control.pick;

import dev.weir.control.admission.Passage;
import dev.weir.xds.check.CheckedRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeSet;

/** The checks that are held, in their order, with their deadlines. Not safe for several threads. */
public final class CheckQueue {
    /** The least by which a place is moved, so that jitter moves none. */
    private static final long MIN_MOVE_NANOS = 5_000_000;

    /** A check that waits for room. Times are monotonic. */
    public static final class QueuedCheck {
        final CheckedRequest check;
        /** Tells apart those that came at once. */
        final long number;

        final long sinceNanos;
        final long deadlineNanos;
        /** No place is earlier: nobody waits longer than the longest wait. */
        final long earliestNanos;
        /** The check's place in the order: when the request came first, as far as is known. */
        long placeNanos;

        /** The way of its request through the stages. */
        final Passage passage;

        /**
         * @param longestNanos that one may wait
         * @param waitedNanos before this check, 0 - {@code longestNanos}
         */
        QueuedCheck(Passage passage, long number, long sinceNanos, long longestNanos, long waitedNanos) {
            this.passage = passage;
            this.check = passage.check();
            this.number = number;
            this.sinceNanos = sinceNanos;
            this.deadlineNanos = sinceNanos + longestNanos - waitedNanos;
            this.earliestNanos = sinceNanos - longestNanos;
            this.placeNanos = sinceNanos - waitedNanos;
        }
    }

    private final QueueOrder order;
    private final EarlierWaits earlier;
    private final Map<String, QueuedCheck> byId = new HashMap<>();
    /** The checks by deadline; those that are gone are left in it until they are due. */
    private final PriorityQueue<QueuedCheck> deadlines =
            new PriorityQueue<>((a, b) -> Long.compare(a.deadlineNanos - b.deadlineNanos, 0));

    private final Map<String, DrainRate> rates = new HashMap<>();
    private long number;

    CheckQueue(QueueOrder order, EarlierWaits earlier) {
        this.order = order;
        this.earlier = earlier;
    }

    boolean isEmpty() {
        return byId.isEmpty();
    }

    int count(String pool) {
        return order.waiting(pool);
    }

    /** Takes note that a check came, to be held or not: it may tell how long others of its connection have waited. */
    void heard(CheckedRequest check, long atNanos) {
        long later = earlier.heard(check, atNanos);
        if (later >= MIN_MOVE_NANOS) {
            for (QueuedCheck held : byId.values()) {
                if (held.check.asker().equals(check.asker()) && held.check.arrivedMicros() != 0) {
                    order.remove(held);
                    held.placeNanos -= Math.min(later, held.placeNanos - held.earliestNanos);
                    order.add(held);
                }
            }
        }
    }

    /** Adds a check. One that had waited before has the place of that time, and only what is left of the longest wait. */
    QueuedCheck add(Passage passage, long longestNanos, long atNanos) {
        long waited = earlier.of(passage.check(), longestNanos, atNanos);
        QueuedCheck held = new QueuedCheck(passage, ++number, atNanos, longestNanos, waited);
        byId.put(held.check.requestId(), held);
        order.add(held);
        deadlines.add(held);
        return held;
    }

    /** Takes out a check whose connection broke, or whose agent left; if it comes again it has its old place. */
    void left(QueuedCheck held) {
        earlier.left(held);
        remove(held);
    }

    void remove(QueuedCheck held) {
        if (byId.remove(held.check.requestId(), held)) {
            order.remove(held);
        }
        if (deadlines.size() > 2 * byId.size() + 64) {
            deadlines.removeIf(each -> byId.get(each.check.requestId()) != each);
        }
    }

    Optional<QueuedCheck> next(Collection<String> pools) {
        return order.next(pools);
    }

    /** Takes out the checks whose time is over. */
    List<QueuedCheck> expired(long atNanos) {
        List<QueuedCheck> expired = new ArrayList<>();
        for (QueuedCheck head = deadlines.peek();
                head != null && head.deadlineNanos - atNanos <= 0;
                head = deadlines.peek()) {
            deadlines.remove();
            if (byId.get(head.check.requestId()) == head) {
                expired.add(head);
            }
        }
        return expired;
    }

    /** Takes out the checks whose pool is gone. */
    List<QueuedCheck> retain(Set<String> pools) {
        rates.keySet().retainAll(pools);
        List<QueuedCheck> gone = new ArrayList<>();
        for (QueuedCheck held : byId.values()) {
            if (!pools.contains(held.check.pool())) {
                gone.add(held);
            }
        }
        gone.forEach(this::remove);
        return gone;
    }

    void released(String pool, long atNanos) {
        rates.computeIfAbsent(pool, p -> new DrainRate()).released(atNanos);
    }

    long retryAfterMillis(String pool, long atNanos) {
        return rates.computeIfAbsent(pool, p -> new DrainRate()).retryAfterMillis(count(pool), atNanos);
    }

    /**
     * The order of the checks that wait. One pool's queue at a time is asked for room; the order over all pools is here. Not
     * safe for several threads.
     */
    public interface QueueOrder {
        /** Its place must not change while it is in. */
        void add(QueuedCheck held);

        void remove(QueuedCheck held);

        /** The next check among those that wait for {@code pools}. */
        Optional<QueuedCheck> next(Collection<String> pools);

        /** How many wait for a pool. */
        int waiting(String pool);
    }

    /** The order of first come, first served, over all pools that are asked for. */
    public static final class OldestFirst implements QueueOrder {
        private static final Comparator<QueuedCheck> ORDER = ((Comparator<QueuedCheck>)
                        (a, b) -> Long.compare(a.placeNanos - b.placeNanos, 0))
                .thenComparingLong(held -> held.number);

        private final Map<String, TreeSet<QueuedCheck>> pools = new HashMap<>();

        @Override
        public void add(QueuedCheck held) {
            pools.computeIfAbsent(held.check.pool(), p -> new TreeSet<>(ORDER)).add(held);
        }

        @Override
        public void remove(QueuedCheck held) {
            TreeSet<QueuedCheck> queue = pools.get(held.check.pool());
            if (queue != null) {
                queue.remove(held);
                if (queue.isEmpty()) {
                    pools.remove(held.check.pool());
                }
            }
        }

        @Override
        public Optional<QueuedCheck> next(Collection<String> of) {
            QueuedCheck oldest = null;
            for (String pool : of) {
                TreeSet<QueuedCheck> queue = pools.get(pool);
                if (queue != null && (oldest == null || ORDER.compare(queue.first(), oldest) < 0)) {
                    oldest = queue.first();
                }
            }
            return Optional.ofNullable(oldest);
        }

        @Override
        public int waiting(String pool) {
            TreeSet<QueuedCheck> queue = pools.get(pool);
            return queue == null ? 0 : queue.size();
        }
    }
}
