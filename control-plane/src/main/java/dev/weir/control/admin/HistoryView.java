package dev.weir.control.admin;

import dev.weir.control.admin.HistoryPoint.PoolPoint;
import dev.weir.control.admin.HistoryPoint.ProviderPoint;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code GET /v1/history}: the last minutes, one point per second, oldest first. */
record HistoryView(List<Point> points) {
    /** @param epoch the decision in force, absent before the first */
    record Point(long atMillis, @Nullable String epoch, List<PoolPoint> pools, List<ProviderPoint> providers) {}

    /** @param pool only this one and its providers; empty = all */
    static HistoryView of(List<HistoryPoint> points, Optional<String> pool) {
        return new HistoryView(points.stream().map(p -> point(p, pool)).toList());
    }

    private static Point point(HistoryPoint point, Optional<String> pool) {
        List<PoolPoint> pools = point.pools();
        List<ProviderPoint> providers = point.providers();
        if (pool.isPresent()) {
            pools = pools.stream().filter(p -> p.pool().equals(pool.get())).toList();
            Set<String> members = new HashSet<>();
            pools.forEach(p -> members.addAll(p.shares().keySet()));
            providers = providers.stream()
                    .filter(p -> members.contains(p.provider()))
                    .toList();
        }
        return new Point(point.atMillis(), point.epoch().map(Object::toString).orElse(null), pools, providers);
    }
}
