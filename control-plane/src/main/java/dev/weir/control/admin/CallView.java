package dev.weir.control.admin;

import dev.weir.control.ledger.CanonicalRow;
import dev.weir.control.ledger.Ledger;
import dev.weir.control.ledger.Ledger.Row;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.GrantFacts;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /v1/call?id=}: one call with its attempts.
 *
 * @param digest of the call's row ({@link CanonicalRow}): two who show the same have the same row
 * @param check what the check said of it, absent when it gave no grant
 * @param explanation the same in words, line by line
 */
public record CallView(
        CallsView.Call call,
        String digest,
        @Nullable GrantFacts check,
        List<Attempt> attempts,
        List<String> explanation) {
    public CallView {
        attempts = List.copyOf(attempts);
        explanation = List.copyOf(explanation);
    }

    /**
     * @param provider absent when nobody was called
     * @param status 0 = none came
     * @param bounced whether the provider's side refused it before the provider saw it
     */
    public record Attempt(
            int number,
            @Nullable String provider,
            int status,
            boolean whole,
            boolean bounced,
            double durationMillis,
            String flags) {}

    /** The view of a call; empty when the ledger has no such call. */
    public static Optional<CallView> of(Ledger ledger, String requestId) {
        return ledger.call(requestId).map(call -> {
            List<Row> attempts = ledger.attempts(requestId);
            return new CallView(
                    CallsView.call(call),
                    CanonicalRow.digest(call),
                    call.record().check(),
                    attempts.stream().map(row -> attempt(row.record())).toList(),
                    CallExplanation.of(call, attempts));
        });
    }

    /** The view as JSON, as it goes over the wire. */
    public String json() {
        return new String(Json.bytes(this), StandardCharsets.UTF_8);
    }

    private static Attempt attempt(AccessRecord record) {
        return new Attempt(
                record.identity().attempt(),
                record.route().provider().isEmpty() ? null : record.route().provider(),
                record.outcome().status(),
                record.outcome().whole(),
                record.outcome().bounced(),
                record.timing().durationMicros() / 1000.0,
                record.outcome().flags());
    }
}
