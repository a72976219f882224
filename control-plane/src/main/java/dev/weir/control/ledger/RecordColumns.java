package dev.weir.control.ledger;

import dev.weir.control.ledger.Entry.Origin;
import dev.weir.control.ledger.Valuation.Basis;
import dev.weir.control.usage.Doubt;
import dev.weir.control.usage.Estimates.Tokens;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Answer;
import dev.weir.xds.telemetry.AccessRecord.Content;
import dev.weir.xds.telemetry.AccessRecord.GrantFacts;
import dev.weir.xds.telemetry.AccessRecord.Identity;
import dev.weir.xds.telemetry.AccessRecord.Key;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.telemetry.AccessRecord.Outcome;
import dev.weir.xds.telemetry.AccessRecord.Request;
import dev.weir.xds.telemetry.AccessRecord.Route;
import dev.weir.xds.telemetry.AccessRecord.Timing;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** How a record lies in the columns of table {@code record}. */
final class RecordColumns {
    /** How long a check took is for the picker, which hears it at once. */
    private static final long NOT_STORED = -1;

    private static final List<String> VALUES = List.of(
            "kind",
            "attempt",
            "from_file",
            "start_micros",
            "duration_micros",
            "first_byte_micros",
            "whole",
            "pool",
            "provider",
            "epoch",
            "price",
            "price_number",
            "status",
            "details",
            "flags",
            "completed",
            "method",
            "path",
            "model",
            "streamed",
            "prompt_tokens",
            "completion_tokens",
            "total_tokens",
            "cached_tokens",
            "bytes_received",
            "bytes_sent",
            "bounced",
            "failed",
            "reservation",
            "check_epoch",
            "check_price",
            "held_micros",
            "pick",
            "work",
            "amount_milli",
            "basis",
            "doubt",
            "estimated_prompt_tokens",
            "estimated_completion_tokens",
            "pieces",
            "counted_pieces",
            "content_bytes",
            "words");
    private static final List<String> KEY = List.of("request_id", "number", "sidecar");

    /** Positions of {@link #INSERT} and {@link #UPDATE} are the same: the values, then the key. */
    static final String INSERT = "INSERT INTO record ("
            + Stream.concat(VALUES.stream(), KEY.stream()).collect(Collectors.joining(", "))
            + ") VALUES (" + String.join(", ", java.util.Collections.nCopies(VALUES.size() + KEY.size(), "?")) + ")";

    static final String UPDATE = "UPDATE record SET " + String.join(" = ?, ", VALUES) + " = ? WHERE "
            + String.join(" = ? AND ", KEY) + " = ?";

    private RecordColumns() {}

    static void bind(PreparedBatch batch, Entry entry) {
        AccessRecord record = entry.record();
        Usage usage = record.answer().usage();
        GrantFacts check = record.check();
        Content content = record.answer().content();
        Valuation value = entry.value();
        Key key = record.identity().key();
        Object[] values = {
            name(record.identity().kind()),
            record.identity().attempt(),
            entry.origin() == Origin.FILE,
            record.timing().startMicros(),
            record.timing().durationMicros(),
            record.timing().firstByteMicros(),
            record.outcome().whole(),
            record.route().pool(),
            record.route().provider(),
            record.route().epoch(),
            record.route().price(),
            record.route().priceNumber(),
            record.outcome().status(),
            record.outcome().details(),
            record.outcome().flags(),
            record.completed(),
            record.request().method(),
            record.request().path(),
            record.request().model(),
            record.request().streamed(),
            usage == null ? null : usage.promptTokens(),
            usage == null ? null : usage.completionTokens(),
            usage == null ? null : usage.totalTokens(),
            usage == null ? null : usage.cachedTokens(),
            record.request().bytesReceived(),
            record.answer().bytesSent(),
            record.outcome().bounced(),
            record.outcome().failed(),
            check == null ? null : check.reservation(),
            check == null ? null : check.epoch(),
            check == null ? null : check.price(),
            check == null ? null : check.heldMicros(),
            check == null ? null : check.pick(),
            value.work(),
            value.amountMilli().orElse(null),
            name(value.basis()),
            value.doubt().map(RecordColumns::name).orElse(null),
            value.estimate().map(Tokens::promptTokens).orElse(null),
            value.estimate().map(Tokens::completionTokens).orElse(null),
            content == null ? null : content.pieces(),
            content == null ? null : content.counted(),
            content == null ? null : content.bytes(),
            record.request().words() == AccessRecord.Request.NOT_COUNTED
                    ? null
                    : record.request().words(),
            key.requestId(),
            key.attempt(),
            key.sidecar()
        };
        for (int i = 0; i < values.length; i++) {
            batch.bind(i, values[i]);
        }
    }

    static Key key(ResultSet row) throws SQLException {
        return new Key(row.getString("sidecar"), row.getString("request_id"), kind(row), row.getInt("number"));
    }

    static TotalTable.Share share(ResultSet row) throws SQLException {
        return TotalTable.Share.of(
                row.getString("kind"),
                row.getBoolean("bounced"),
                row.getString("provider"),
                row.getBoolean("completed"),
                counted(row));
    }

    /** Tokens that a row adds to the sums. */
    private static long counted(ResultSet row) throws SQLException {
        if (row.getString("doubt") != null) {
            return 0;
        }
        long estimated = row.getLong("estimated_prompt_tokens") + row.getLong("estimated_completion_tokens");
        return row.wasNull() ? row.getLong("total_tokens") : estimated;
    }

    static Ledger.Row row(ResultSet row) throws SQLException {
        long total = row.getLong("total_tokens");
        Usage usage = row.wasNull()
                ? null
                : new Usage(
                        row.getLong("prompt_tokens"),
                        row.getLong("completion_tokens"),
                        total,
                        row.getLong("cached_tokens"));
        return new Ledger.Row(
                record(row, usage),
                value(row),
                row.getBoolean("from_file"),
                Optional.ofNullable(row.getString("tenant")),
                Optional.ofNullable(row.getString("task")),
                Optional.ofNullable(row.getString("caller_class")));
    }

    static String name(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT);
    }

    private static Valuation value(ResultSet row) throws SQLException {
        long amount = row.getLong("amount_milli");
        Optional<Long> amountMilli = row.wasNull() ? Optional.empty() : Optional.of(amount);
        long prompt = row.getLong("estimated_prompt_tokens");
        Optional<Tokens> estimate = row.wasNull()
                ? Optional.empty()
                : Optional.of(new Tokens(prompt, row.getLong("estimated_completion_tokens")));
        return new Valuation(
                row.getDouble("work"),
                amountMilli,
                word(Basis.class, row.getString("basis")).orElse(Basis.NOTHING),
                word(Doubt.class, row.getString("doubt")),
                estimate,
                false);
    }

    private static @Nullable Content content(ResultSet row) throws SQLException {
        long pieces = row.getLong("pieces");
        return row.wasNull() ? null : new Content(pieces, row.getLong("counted_pieces"), row.getLong("content_bytes"));
    }

    private static AccessRecord record(ResultSet row, @Nullable Usage usage) throws SQLException {
        return new AccessRecord(
                new Identity(kind(row), row.getString("sidecar"), row.getString("request_id"), row.getInt("attempt")),
                new Timing(
                        row.getLong("start_micros"), row.getLong("duration_micros"), row.getLong("first_byte_micros")),
                new Route(
                        row.getString("pool"),
                        row.getString("provider"),
                        row.getString("epoch"),
                        row.getLong("price"),
                        row.getLong("price_number")),
                new Request(
                        row.getString("method"),
                        row.getString("path"),
                        row.getString("model"),
                        row.getBoolean("streamed"),
                        row.getLong("bytes_received"),
                        words(row)),
                new Outcome(
                        row.getInt("status"),
                        row.getString("details"),
                        row.getString("flags"),
                        row.getBoolean("whole"),
                        row.getBoolean("bounced"),
                        row.getBoolean("failed")),
                new Answer(row.getLong("bytes_sent"), usage, content(row)),
                check(row));
    }

    private static long words(ResultSet row) throws SQLException {
        long words = row.getLong("words");
        return row.wasNull() ? AccessRecord.Request.NOT_COUNTED : words;
    }

    private static @Nullable GrantFacts check(ResultSet row) throws SQLException {
        String reservation = row.getString("reservation");
        return reservation == null
                ? null
                : new GrantFacts(
                        reservation,
                        row.getString("check_epoch"),
                        row.getLong("check_price"),
                        row.getLong("held_micros"),
                        row.getString("pick"),
                        NOT_STORED);
    }

    private static Kind kind(ResultSet row) throws SQLException {
        String name = row.getString("kind");
        return word(Kind.class, name)
                .orElseThrow(() -> new SQLException("kind: \"" + name + "\" (expected: call or attempt)"));
    }

    private static <E extends Enum<E>> Optional<E> word(Class<E> words, @Nullable String name) {
        return Arrays.stream(words.getEnumConstants())
                .filter(word -> name(word).equals(name))
                .findFirst();
    }
}
