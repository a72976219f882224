package dev.weir.control.ledger;

import dev.weir.control.store.Database;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.ResultIterable;

/**
 * The newest calls of a ledger and the attempts behind them.
 *
 * <p>A request that passed two sidecars was logged by both; the outermost began first and counts. An attempt is known from
 * its own record where there is one, else from a call that needed only one.
 */
public final class RecordedCalls {
    /** Calls that are read. */
    public static final int MAX = 200_000;

    /**
     * One attempt at a provider.
     *
     * @param startMicros since 1970
     * @param micros until its end
     * @param answered with a whole 2xx
     * @param work work units
     */
    public record Attempt(long startMicros, long micros, boolean answered, double work) {}

    private record Row(
            String request,
            int attempt,
            String sidecar,
            long start,
            long micros,
            String pool,
            String provider,
            boolean done,
            double work) {}

    private final Map<String, Integer> callsOfPool = new TreeMap<>();
    private final Map<String, Map<Long, Integer>> perSecond = new HashMap<>();
    private final Map<String, SortedSet<String>> members = new TreeMap<>();
    private final Map<String, List<Attempt>> attempts = new HashMap<>();
    private final Set<String> sidecars = new HashSet<>();
    private int count;
    private long first = Long.MAX_VALUE;
    private long last = Long.MIN_VALUE;

    private RecordedCalls() {}

    public static RecordedCalls read(Database database) {
        return database.read(RecordedCalls::read);
    }

    private static RecordedCalls read(Handle handle) {
        RecordedCalls calls = new RecordedCalls();
        List<Row> rows = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        rows(handle, "call", "ORDER BY start_micros DESC, request_id DESC LIMIT " + MAX)
                .forEach(rows::add);
        // oldest first: of two records of one request the outer one is taken
        for (int i = rows.size() - 1; i >= 0; i--) {
            if (seen.add(rows.get(i).request())) {
                calls.call(rows.get(i));
            }
        }
        Set<String> known = new HashSet<>();
        Map<String, List<Attempt>> own = new HashMap<>();
        if (!rows.isEmpty()) {
            rows(
                            handle,
                            "attempt",
                            "AND start_micros >= " + rows.get(rows.size() - 1).start() + " ORDER BY start_micros")
                    .forEach(row -> {
                        if (known.add(row.request() + '/' + row.attempt())) {
                            own.computeIfAbsent(row.provider(), id -> new ArrayList<>())
                                    .add(attempt(row));
                        }
                    });
        }
        calls.attempts.putAll(own);
        return calls;
    }

    private static ResultIterable<Row> rows(Handle handle, String kind, String rest) {
        return handle.createQuery("SELECT request_id, attempt, sidecar, start_micros, duration_micros, pool, provider,"
                        + " completed, work FROM record WHERE kind = '" + kind + "' " + rest)
                .setFetchSize(1000)
                .map((row, context) -> new Row(
                        row.getString(1),
                        row.getInt(2),
                        row.getString(3),
                        row.getLong(4),
                        row.getLong(5),
                        row.getString(6),
                        row.getString(7),
                        row.getBoolean(8),
                        row.getDouble(9)));
    }

    private void call(Row row) {
        if (row.pool().isEmpty()) {
            return;
        }
        count++;
        first = Math.min(first, row.start());
        last = Math.max(last, row.start());
        sidecars.add(row.sidecar());
        callsOfPool.merge(row.pool(), 1, Integer::sum);
        perSecond.computeIfAbsent(row.pool(), id -> new HashMap<>()).merge(row.start() / 1_000_000, 1, Integer::sum);
        if (!row.provider().isEmpty()) {
            members.computeIfAbsent(row.pool(), id -> new TreeSet<>()).add(row.provider());
            if (row.attempt() <= 1) {
                attempts.computeIfAbsent(row.provider(), id -> new ArrayList<>())
                        .add(attempt(row));
            }
        }
    }

    private static Attempt attempt(Row row) {
        return new Attempt(row.start(), Math.max(0, row.micros()), row.done(), row.work());
    }

    public int count() {
        return count;
    }

    /** Seconds from the first call's start to the last's. */
    public double seconds() {
        return count < 2 ? 0 : (last - first) * 1e-6;
    }

    public int sidecars() {
        return Math.max(1, Math.min(4096, sidecars.size()));
    }

    public int calls(String pool) {
        return callsOfPool.getOrDefault(pool, 0);
    }

    /** Providers that calls of each pool went to. */
    public Map<String, SortedSet<String>> members() {
        return members;
    }

    /** Attempts in the order of their starts. */
    public List<Attempt> of(String provider) {
        return attempts.getOrDefault(provider, List.of());
    }

    /** Variance over mean of the calls per second: 1 = Poisson. */
    public double dispersion(String pool) {
        Map<Long, Integer> counts = perSecond.getOrDefault(pool, Map.of());
        long seconds = Math.max(1, last / 1_000_000 - first / 1_000_000 + 1);
        double mean = (double) calls(pool) / seconds;
        double squares = 0;
        for (int n : counts.values()) {
            squares += (double) n * n;
        }
        return mean > 0 ? (squares / seconds - mean * mean) / mean : 0;
    }
}
