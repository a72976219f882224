package dev.weir.control.store;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Addresses in the database. */
public final class SqlAddressStore implements AddressStore {
    private final Database database;

    private record Row(String host, List<String> addresses) {}

    public SqlAddressStore(Database database) {
        this.database = database;
    }

    @Override
    public Map<String, List<String>> addresses() {
        Map<String, List<String>> byHost = new HashMap<>();
        database.read(handle -> handle.createQuery("SELECT host, addresses FROM address")
                        .map((row, context) -> new Row(
                                row.getString(1), List.of(row.getString(2).split(" "))))
                        .list())
                .forEach(row -> byHost.put(row.host, row.addresses));
        return byHost;
    }

    @Override
    public void save(Map<String, List<String>> addresses) {
        database.write(handle -> {
            int rows = handle.execute("DELETE FROM address");
            for (Map.Entry<String, List<String>> each : addresses.entrySet()) {
                rows += handle.execute(
                        "INSERT INTO address (host, addresses) VALUES (?, ?)"
                                + " ON CONFLICT (host) DO UPDATE SET addresses = excluded.addresses",
                        each.getKey(),
                        String.join(" ", each.getValue()));
            }
            return rows;
        });
    }
}
