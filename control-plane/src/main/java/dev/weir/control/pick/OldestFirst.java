package dev.weir.control.pick;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** First come, first served, over all pools that are asked for. */
final class OldestFirst implements QueueOrder {
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
