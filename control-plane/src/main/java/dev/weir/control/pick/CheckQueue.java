package dev.weir.control.pick;

import dev.weir.xds.check.CheckAnswer;
import dev.weir.xds.check.CheckedRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The checks that are held, in their order, with their deadlines. Serial. */
final class CheckQueue {
    /** Jitter moves nobody. */
    private static final long MIN_MOVE_NANOS = 5_000_000;

    private final QueueOrder order;
    private final EarlierWaits earlier;
    private final Map<String, QueuedCheck> byId = new HashMap<>();
    /** By deadline; those that are gone are left in it until they are due. */
    private final PriorityQueue<QueuedCheck> deadlines =
            new PriorityQueue<>((a, b) -> Long.compare(a.deadlineNanos - b.deadlineNanos, 0));

    private final Map<String, DrainRate> rates = new HashMap<>();
    private long number;

    CheckQueue(QueueOrder order, EarlierWaits earlier) {
        this.order = order;
        this.earlier = earlier;
    }

    @Nullable
    QueuedCheck find(String requestId) {
        return byId.get(requestId);
    }

    boolean isEmpty() {
        return byId.isEmpty();
    }

    int count(String pool) {
        return order.waiting(pool);
    }

    /** A check came, to be held or not: it may tell how long others of its connection have waited. */
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

    /** One that had waited before has the place of that time, and only what is left of the longest wait. */
    void add(CheckedRequest check, long longestNanos, long atNanos, Consumer<CheckAnswer> answer) {
        long waited = earlier.of(check, longestNanos, atNanos);
        QueuedCheck held = new QueuedCheck(check, ++number, atNanos, longestNanos, waited, answer);
        byId.put(check.requestId(), held);
        order.add(held);
        deadlines.add(held);
    }

    /** Its connection broke, or its agent left; if it comes again it has its old place. */
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

    /** Those whose time is over. */
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

    /** Takes out those whose pool is gone. */
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
}
