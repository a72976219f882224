package dev.weir.control.store;

import dev.weir.weights.Proposal.Announcement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Announced prices in the database, a row for each provider; that of no provider is the pool's. */
public final class SqlPriceStore implements PriceStore {
    private static final String POOL = "";

    private final Database database;

    private record Row(String pool, String provider, long number, long price) {}

    public SqlPriceStore(Database database) {
        this.database = database;
    }

    @Override
    public List<Announcement> announced() {
        List<Row> rows = database.read(handle -> handle.createQuery(
                        "SELECT pool, provider, number, price FROM announced_price")
                .map((row, context) -> new Row(row.getString(1), row.getString(2), row.getLong(3), row.getLong(4)))
                .list());
        Map<String, Map<String, Long>> byPool = new HashMap<>();
        rows.stream()
                .filter(row -> !row.provider.equals(POOL))
                .forEach(row -> byPool.computeIfAbsent(row.pool, pool -> new HashMap<>())
                        .put(row.provider, row.price));
        List<Announcement> announced = new ArrayList<>();
        rows.stream()
                .filter(row -> row.provider.equals(POOL))
                .forEach(row -> announced.add(
                        new Announcement(row.pool, row.number, row.price, byPool.getOrDefault(row.pool, Map.of()))));
        return announced;
    }

    @Override
    public void save(Collection<Announcement> announced) {
        database.write(handle -> {
            int rows = 0;
            for (Announcement each : announced) {
                handle.execute("DELETE FROM announced_price WHERE pool = ?", each.pool());
                Map<String, Long> prices = new HashMap<>(each.byProvider());
                prices.put(POOL, each.price());
                for (Map.Entry<String, Long> price : prices.entrySet()) {
                    rows += handle.execute(
                            "INSERT INTO announced_price (pool, provider, number, price) VALUES (?, ?, ?, ?)",
                            each.pool(),
                            price.getKey(),
                            each.number(),
                            price.getValue());
                }
            }
            return rows;
        });
    }
}
