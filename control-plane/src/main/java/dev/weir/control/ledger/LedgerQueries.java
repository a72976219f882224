package dev.weir.control.ledger;

import dev.weir.control.ledger.Ledger.Row;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Reads of the record table; each walks an index from its start and touches no more rows than it returns. */
final class LedgerQueries {
    static final String CALLS =
            "SELECT * FROM record WHERE kind = 'call' ORDER BY start_micros DESC, request_id DESC LIMIT ?";
    /** Two sidecars on one path log the same request; the outermost began first. */
    static final String CALL = "SELECT * FROM record WHERE request_id = ? AND number = 0 ORDER BY start_micros LIMIT 1";

    static final String ATTEMPTS =
            "SELECT * FROM record WHERE request_id = ? AND number > 0 ORDER BY number, sidecar LIMIT 1000";

    /** Those that began and those that ended in a span; no more than a number of them are looked for. */
    static final String UNCONFIRMED =
            "SELECT count(*) FROM (SELECT 1 FROM record WHERE kind = 'call' AND from_file = FALSE"
                    + " AND start_micros > ? AND start_micros + duration_micros < ? LIMIT ?)";

    private LedgerQueries() {}

    static long unconfirmed(Handle handle, long fromMicros, long untilMicros, int limit) {
        return handle.createQuery(UNCONFIRMED)
                .bind(0, fromMicros)
                .bind(1, untilMicros)
                .bind(2, limit)
                .mapTo(Long.class)
                .one();
    }

    static List<Row> calls(Handle handle, int limit) {
        return handle.createQuery(CALLS)
                .bind(0, limit)
                .map((row, context) -> RecordColumns.row(row))
                .list();
    }

    static Optional<Row> call(Handle handle, String requestId) {
        return handle.createQuery(CALL)
                .bind(0, requestId)
                .map((row, context) -> RecordColumns.row(row))
                .findFirst();
    }

    static List<Row> attempts(Handle handle, String requestId) {
        return handle.createQuery(ATTEMPTS)
                .bind(0, requestId)
                .map((row, context) -> RecordColumns.row(row))
                .list();
    }
}
