package dev.weir.control.ledger;

import dev.weir.control.ledger.Ledger.Totals;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Running sums over the records by kind and provider, so that totals cost the same at any number of rows. */
final class TotalTable {
    /** Where the token sum stops growing: far above any honest sum, below what a 64-bit column can overflow at. */
    private static final long TOKEN_SUM_LIMIT = 4_000_000_000_000_000_000L;

    private TotalTable() {}

    /** Attempts that a side refused are summed apart: their provider never saw them. */
    private static final String BOUNCED = "bounced";

    /** What one record adds. */
    record Share(String kind, String provider, boolean completed, long tokens) {
        static Share of(Entry entry) {
            AccessRecord record = entry.record();
            return of(
                    RecordColumns.name(record.identity().kind()),
                    record.outcome().bounced(),
                    record.route().provider(),
                    record.completed(),
                    tokens(record, entry.value()));
        }

        private static long tokens(AccessRecord record, Valuation value) {
            Usage usage = record.answer().usage();
            if (value.doubt().isPresent()) {
                return 0;
            }
            return value.estimate()
                    .map(tokens -> tokens.promptTokens() + tokens.completionTokens())
                    .orElse(usage == null ? 0 : usage.totalTokens());
        }

        static Share of(String kind, boolean bounced, String provider, boolean completed, long tokens) {
            boolean call = kind.equals(RecordColumns.name(Kind.CALL));
            return new Share(bounced && !call ? BOUNCED : kind, provider, completed, tokens);
        }
    }

    /** What a batch changes. */
    static final class Deltas {
        private record Group(String kind, String provider) {}

        private static final class Sum {
            private long records;
            private long completed;
            private long tokens;
        }

        private final Map<Group, Sum> sums = new LinkedHashMap<>();

        void add(Share share) {
            change(share, 1);
        }

        void remove(Share share) {
            change(share, -1);
        }

        private void change(Share share, int sign) {
            Sum sum = sums.computeIfAbsent(new Group(share.kind, share.provider), g -> new Sum());
            sum.records += sign;
            sum.completed += share.completed ? sign : 0;
            sum.tokens += sign * share.tokens;
        }
    }

    static void apply(Handle handle, Deltas deltas) {
        if (deltas.sums.isEmpty()) {
            return;
        }
        try (PreparedBatch batch = handle.prepareBatch(
                "INSERT INTO total (kind, provider, records, completed, tokens) VALUES (?, ?, ?, ?, ?)"
                        + " ON CONFLICT (kind, provider) DO UPDATE SET"
                        + " records = total.records + excluded.records,"
                        + " completed = total.completed + excluded.completed,"
                        + " tokens = CASE WHEN total.tokens > " + TOKEN_SUM_LIMIT
                        + " AND excluded.tokens > 0 THEN total.tokens ELSE total.tokens + excluded.tokens END")) {
            deltas.sums.forEach((group, sum) -> batch.bind(0, group.kind)
                    .bind(1, group.provider)
                    .bind(2, sum.records)
                    .bind(3, sum.completed)
                    .bind(4, sum.tokens)
                    .add());
            batch.execute();
        }
    }

    static Totals read(Handle handle) {
        String call = RecordColumns.name(Kind.CALL);
        long[] counts = new long[3];
        Map<String, Long> callsByProvider = new LinkedHashMap<>();
        Map<String, Long> attemptsByProvider = new LinkedHashMap<>();
        Map<String, Long> bouncedByProvider = new LinkedHashMap<>();
        handle.createQuery("SELECT kind, provider, records, completed, tokens FROM total")
                .map((row, context) -> {
                    String provider = row.getString("provider");
                    long records = row.getLong("records");
                    String kind = row.getString("kind");
                    if (kind.equals(call)) {
                        counts[0] += records;
                        counts[2] = saturated(counts[2], row.getLong("tokens"));
                        put(callsByProvider, provider, row.getLong("completed"));
                    } else {
                        counts[1] += records;
                        put(kind.equals(BOUNCED) ? bouncedByProvider : attemptsByProvider, provider, records);
                    }
                    return provider;
                })
                .list();
        return new Totals(counts[0], counts[1], counts[2], callsByProvider, attemptsByProvider, bouncedByProvider);
    }

    private static void put(Map<String, Long> map, String provider, long count) {
        if (count > 0 && !provider.isEmpty()) {
            map.put(provider, count);
        }
    }

    private static long saturated(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
