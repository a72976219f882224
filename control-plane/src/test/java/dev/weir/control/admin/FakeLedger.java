package dev.weir.control.admin;

import dev.weir.control.ledger.Ledger;
import dev.weir.control.ledger.Valuation;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;

/** Calls in memory, newest first; each is worth one work unit. */
final class FakeLedger implements Ledger {
    private final ConcurrentLinkedDeque<Row> rows = new ConcurrentLinkedDeque<>();

    @Override
    public void offer(List<AccessRecord> records) {
        for (AccessRecord record : records) {
            Optional<Long> owed =
                    record.completed() ? Optional.of(record.route().price()) : Optional.empty();
            Valuation value =
                    new Valuation(1, owed, Valuation.Basis.REQUEST, Optional.empty(), Optional.empty(), false);
            rows.addFirst(new Row(record, value, true));
        }
    }

    @Override
    public List<Row> calls(int limit) {
        return rows.stream()
                .filter(row -> row.record().identity().kind() == Kind.CALL)
                .limit(limit)
                .toList();
    }

    @Override
    public Optional<Row> call(String requestId) {
        return of(Kind.CALL, requestId).stream().findFirst();
    }

    @Override
    public List<Row> attempts(String requestId) {
        return of(Kind.ATTEMPT, requestId);
    }

    private List<Row> of(Kind kind, String requestId) {
        return rows.stream()
                .filter(row -> row.record().identity().kind() == kind
                        && row.record().identity().requestId().equals(requestId))
                .toList();
    }

    @Override
    public Totals totals() {
        return new Totals(rows.size(), 0, 0, Map.of(), Map.of(), Map.of());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
