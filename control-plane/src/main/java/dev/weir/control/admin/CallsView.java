package dev.weir.control.admin;

import dev.weir.control.ledger.Ledger.Row;
import dev.weir.control.usage.Doubt;
import dev.weir.control.usage.Estimates.Tokens;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code GET /v1/calls}: the newest calls in the ledger, newest first. */
public record CallsView(List<Call> calls) {
    public CallsView {
        calls = List.copyOf(calls);
    }

    /**
     * One call. Models, paths and request ids are what agents sent: a page that shows them must escape them.
     *
     * @param startedAt ISO 8601, UTC
     * @param firstByteMillis absent when none came
     * @param pool absent when none matched
     * @param provider absent when nobody was called, and so are price and priceNumber
     * @param status 0 = none sent
     * @param failed whether the answer, a 2xx by its status, said that it was an error
     * @param usage as the provider counted it; absent where it said nothing
     * @param estimate tokens by the size of what was delivered, where {@code basis} is that
     * @param basis by what it is worth something: a request, tokens as reported, tokens as estimated, or nothing
     * @param doubt what of it can't be, absent where nothing is; nothing is owed by such counts
     * @param amount what is owed in atomic units, exact, up to three decimals; absent where nothing is
     * @param inFile whether the sidecar's file, the record of truth, has confirmed it
     */
    public record Call(
            String requestId,
            String sidecar,
            String startedAt,
            double durationMillis,
            @Nullable Double firstByteMillis,
            @Nullable String pool,
            @Nullable String provider,
            int attempts,
            @Nullable String epoch,
            @Nullable Long price,
            @Nullable Long priceNumber,
            int status,
            String details,
            String flags,
            boolean failed,
            String method,
            String path,
            @Nullable String model,
            boolean streamed,
            @Nullable Usage usage,
            @Nullable Tokens estimate,
            String basis,
            @Nullable String doubt,
            long bytesReceived,
            long bytesSent,
            double work,
            @Nullable String amount,
            boolean inFile) {}

    static CallsView of(List<Row> rows) {
        return new CallsView(rows.stream().map(CallsView::call).toList());
    }

    static Call call(Row row) {
        AccessRecord record = row.record();
        return new Call(
                record.identity().requestId(),
                record.identity().sidecar(),
                Instant.EPOCH
                        .plus(record.timing().startMicros(), ChronoUnit.MICROS)
                        .toString(),
                record.timing().durationMicros() / 1000.0,
                record.timing().firstByteMicros() < 0 ? null : record.timing().firstByteMicros() / 1000.0,
                present(record.route().pool()),
                present(record.route().provider()),
                record.identity().attempt(),
                present(record.route().epoch()),
                record.route().price() < 0 ? null : record.route().price(),
                record.route().priceNumber() < 0 ? null : record.route().priceNumber(),
                record.outcome().status(),
                record.outcome().details(),
                record.outcome().flags(),
                record.outcome().failed(),
                record.request().method(),
                record.request().path(),
                present(record.request().model()),
                record.request().streamed(),
                record.answer().usage(),
                row.value().estimate().orElse(null),
                row.value().basis().word(),
                row.value().doubt().map(Doubt::word).orElse(null),
                record.request().bytesReceived(),
                record.answer().bytesSent(),
                row.work(),
                row.amountMilli()
                        .map(milli -> BigDecimal.valueOf(milli, 3)
                                .stripTrailingZeros()
                                .toPlainString())
                        .orElse(null),
                row.fromFile());
    }

    private static @Nullable String present(String text) {
        return text.isEmpty() ? null : text;
    }
}
