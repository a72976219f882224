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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** How a record lies in the columns of table {@code record}. */
final class RecordColumns {
    /** How long a check took is for the picker, which hears it at once. */
    private static final long NOT_STORED = -1;

    /** In the order of their making. */
    private static final List<Column<?>> COLUMNS = new ArrayList<>();

    private static final Column<Kind> KIND =
            add(new Column<>("kind", entry -> name(entry.record().identity().kind()), RecordColumns::kind));
    private static final Column<Integer> ATTEMPT =
            column("attempt", record -> record.identity().attempt(), ResultSet::getInt);
    private static final Column<Boolean> FROM_FILE =
            add(new Column<>("from_file", entry -> entry.origin() == Origin.FILE, ResultSet::getBoolean));
    private static final Column<Long> START_MICROS =
            column("start_micros", record -> record.timing().startMicros(), ResultSet::getLong);
    private static final Column<Long> DURATION_MICROS =
            column("duration_micros", record -> record.timing().durationMicros(), ResultSet::getLong);
    private static final Column<Long> FIRST_BYTE_MICROS =
            column("first_byte_micros", record -> record.timing().firstByteMicros(), ResultSet::getLong);
    private static final Column<Boolean> WHOLE =
            column("whole", record -> record.outcome().whole(), ResultSet::getBoolean);
    private static final Column<String> POOL =
            column("pool", record -> record.route().pool(), ResultSet::getString);
    private static final Column<String> PROVIDER =
            column("provider", record -> record.route().provider(), ResultSet::getString);
    private static final Column<String> EPOCH =
            column("epoch", record -> record.route().epoch(), ResultSet::getString);
    private static final Column<Long> PRICE =
            column("price", record -> record.route().price(), ResultSet::getLong);
    private static final Column<Long> PRICE_NUMBER =
            column("price_number", record -> record.route().priceNumber(), ResultSet::getLong);
    private static final Column<Integer> STATUS =
            column("status", record -> record.outcome().status(), ResultSet::getInt);
    private static final Column<String> DETAILS =
            column("details", record -> record.outcome().details(), ResultSet::getString);
    private static final Column<String> FLAGS =
            column("flags", record -> record.outcome().flags(), ResultSet::getString);
    private static final Column<Boolean> COMPLETED =
            column("completed", record -> record.completed(), ResultSet::getBoolean);
    private static final Column<String> METHOD =
            column("method", record -> record.request().method(), ResultSet::getString);
    private static final Column<String> PATH =
            column("path", record -> record.request().path(), ResultSet::getString);
    private static final Column<String> MODEL =
            column("model", record -> record.request().model(), ResultSet::getString);
    private static final Column<Boolean> STREAMED =
            column("streamed", record -> record.request().streamed(), ResultSet::getBoolean);
    private static final Column<Optional<Long>> PROMPT_TOKENS =
            add(Column.optional("prompt_tokens", entry -> usage(entry).map(Usage::promptTokens), ResultSet::getLong));
    private static final Column<Optional<Long>> COMPLETION_TOKENS = add(Column.optional(
            "completion_tokens", entry -> usage(entry).map(Usage::completionTokens), ResultSet::getLong));
    private static final Column<Optional<Long>> TOTAL_TOKENS =
            add(Column.optional("total_tokens", entry -> usage(entry).map(Usage::totalTokens), ResultSet::getLong));
    private static final Column<Optional<Long>> CACHED_TOKENS =
            add(Column.optional("cached_tokens", entry -> usage(entry).map(Usage::cachedTokens), ResultSet::getLong));
    private static final Column<Long> BYTES_RECEIVED =
            column("bytes_received", record -> record.request().bytesReceived(), ResultSet::getLong);
    private static final Column<Long> BYTES_SENT =
            column("bytes_sent", record -> record.answer().bytesSent(), ResultSet::getLong);
    private static final Column<Boolean> BOUNCED =
            column("bounced", record -> record.outcome().bounced(), ResultSet::getBoolean);
    private static final Column<Boolean> FAILED =
            column("failed", record -> record.outcome().failed(), ResultSet::getBoolean);
    private static final Column<Optional<String>> RESERVATION = add(
            Column.optional("reservation", entry -> check(entry).map(GrantFacts::reservation), ResultSet::getString));
    private static final Column<Optional<String>> CHECK_EPOCH =
            add(Column.optional("check_epoch", entry -> check(entry).map(GrantFacts::epoch), ResultSet::getString));
    private static final Column<Optional<Long>> CHECK_PRICE =
            add(Column.optional("check_price", entry -> check(entry).map(GrantFacts::price), ResultSet::getLong));
    private static final Column<Optional<Long>> HELD_MICROS =
            add(Column.optional("held_micros", entry -> check(entry).map(GrantFacts::heldMicros), ResultSet::getLong));
    private static final Column<Optional<String>> PICK =
            add(Column.optional("pick", entry -> check(entry).map(GrantFacts::pick), ResultSet::getString));
    private static final Column<Double> WORK =
            add(new Column<>("work", entry -> entry.value().work(), ResultSet::getDouble));
    private static final Column<Optional<Long>> AMOUNT_MILLI =
            add(Column.optional("amount_milli", entry -> entry.value().amountMilli(), ResultSet::getLong));
    private static final Column<Basis> BASIS = add(new Column<>(
            "basis",
            entry -> name(entry.value().basis()),
            (row, column) -> word(Basis.class, row.getString(column)).orElse(Basis.NOTHING)));
    private static final Column<Optional<Doubt>> DOUBT = add(new Column<>(
            "doubt",
            entry -> entry.value().doubt().map(RecordColumns::name).orElse(null),
            (row, column) -> word(Doubt.class, row.getString(column))));
    private static final Column<Optional<Long>> ESTIMATED_PROMPT_TOKENS = add(Column.optional(
            "estimated_prompt_tokens",
            entry -> entry.value().estimate().map(Tokens::promptTokens),
            ResultSet::getLong));
    private static final Column<Optional<Long>> ESTIMATED_COMPLETION_TOKENS = add(Column.optional(
            "estimated_completion_tokens",
            entry -> entry.value().estimate().map(Tokens::completionTokens),
            ResultSet::getLong));
    private static final Column<Optional<Long>> PIECES =
            add(Column.optional("pieces", entry -> content(entry).map(Content::pieces), ResultSet::getLong));
    private static final Column<Optional<Long>> COUNTED_PIECES =
            add(Column.optional("counted_pieces", entry -> content(entry).map(Content::counted), ResultSet::getLong));
    private static final Column<Optional<Long>> CONTENT_BYTES =
            add(Column.optional("content_bytes", entry -> content(entry).map(Content::bytes), ResultSet::getLong));
    private static final Column<Optional<Long>> WORDS = add(Column.optional(
            "words",
            entry -> Optional.of(entry.record().request().words()).filter(words -> words != Request.NOT_COUNTED),
            ResultSet::getLong));

    private static final Column<String> REQUEST_ID =
            column("request_id", record -> record.identity().requestId(), ResultSet::getString);
    private static final Column<Integer> NUMBER =
            column("number", record -> record.identity().key().attempt(), ResultSet::getInt);
    private static final Column<String> SIDECAR =
            column("sidecar", record -> record.identity().sidecar(), ResultSet::getString);
    /** Those of {@link CanonicalRow}, in its order. */
    static final List<Column<?>> CANONICAL = COLUMNS.stream()
            .filter(column -> !column.equals(FROM_FILE))
            .sorted(Comparator.comparing(Column::name))
            .toList();

    private static final List<Column<?>> KEY = List.of(REQUEST_ID, NUMBER, SIDECAR);

    /** Positions of {@link #INSERT} and {@link #UPDATE} are the same: the values, then the key. */
    static final String INSERT = "INSERT INTO record (" + names(COLUMNS, ", ") + ") VALUES ("
            + String.join(", ", Collections.nCopies(COLUMNS.size(), "?")) + ")";

    static final String UPDATE = "UPDATE record SET " + names(COLUMNS.subList(0, COLUMNS.size() - KEY.size()), " = ?, ")
            + " = ? WHERE " + names(KEY, " = ? AND ") + " = ?";

    /** What {@link #key}, {@link #fromFile} and {@link #share} read, of the request ids {@code <ids>}. */
    static final String LOOK_UP = "SELECT "
            + names(
                    List.of(
                            REQUEST_ID,
                            NUMBER,
                            SIDECAR,
                            KIND,
                            FROM_FILE,
                            PROVIDER,
                            COMPLETED,
                            BOUNCED,
                            TOTAL_TOKENS,
                            DOUBT,
                            ESTIMATED_PROMPT_TOKENS,
                            ESTIMATED_COMPLETION_TOKENS),
                    ", ")
            + " FROM record WHERE " + REQUEST_ID.name() + " IN (<ids>)";

    private RecordColumns() {}

    private static <T> Column<T> add(Column<T> column) {
        COLUMNS.add(column);
        return column;
    }

    private static <T> Column<T> column(String name, Function<AccessRecord, T> written, Column.Reader<T> reader) {
        return add(new Column<>(name, entry -> written.apply(entry.record()), reader));
    }

    private static String names(List<Column<?>> columns, String delimiter) {
        return columns.stream().map(Column::name).collect(Collectors.joining(delimiter));
    }

    private static Optional<Usage> usage(Entry entry) {
        return Optional.ofNullable(entry.record().answer().usage());
    }

    private static Optional<Content> content(Entry entry) {
        return Optional.ofNullable(entry.record().answer().content());
    }

    private static Optional<GrantFacts> check(Entry entry) {
        return Optional.ofNullable(entry.record().check());
    }

    static void bind(PreparedBatch batch, Entry entry) {
        for (int i = 0; i < COLUMNS.size(); i++) {
            batch.bind(i, COLUMNS.get(i).written().apply(entry));
        }
    }

    static Key key(ResultSet row) throws SQLException {
        return new Key(SIDECAR.read(row), REQUEST_ID.read(row), KIND.read(row), NUMBER.read(row));
    }

    static boolean fromFile(ResultSet row) throws SQLException {
        return FROM_FILE.read(row);
    }

    static TotalTable.Share share(ResultSet row) throws SQLException {
        return TotalTable.Share.of(
                name(KIND.read(row)), BOUNCED.read(row), PROVIDER.read(row), COMPLETED.read(row), counted(row));
    }

    /** Tokens that a row adds to the sums. */
    private static long counted(ResultSet row) throws SQLException {
        if (row.getString(DOUBT.name()) != null) { // of whatever word
            return 0;
        }
        Optional<Tokens> estimate = estimate(row);
        return estimate.isPresent()
                ? estimate.get().promptTokens() + estimate.get().completionTokens()
                : TOTAL_TOKENS.read(row).orElse(0L);
    }

    static Ledger.Row row(ResultSet row) throws SQLException {
        return new Ledger.Row(record(row), value(row), fromFile(row));
    }

    static String name(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT);
    }

    private static Valuation value(ResultSet row) throws SQLException {
        return new Valuation(
                WORK.read(row), AMOUNT_MILLI.read(row), BASIS.read(row), DOUBT.read(row), estimate(row), false);
    }

    private static Optional<Tokens> estimate(ResultSet row) throws SQLException {
        Optional<Long> completion = ESTIMATED_COMPLETION_TOKENS.read(row);
        return ESTIMATED_PROMPT_TOKENS.read(row).map(prompt -> new Tokens(prompt, completion.orElse(0L)));
    }

    private static AccessRecord record(ResultSet row) throws SQLException {
        return new AccessRecord(
                new Identity(KIND.read(row), SIDECAR.read(row), REQUEST_ID.read(row), ATTEMPT.read(row)),
                new Timing(START_MICROS.read(row), DURATION_MICROS.read(row), FIRST_BYTE_MICROS.read(row)),
                new Route(POOL.read(row), PROVIDER.read(row), EPOCH.read(row), PRICE.read(row), PRICE_NUMBER.read(row)),
                new Request(
                        METHOD.read(row),
                        PATH.read(row),
                        MODEL.read(row),
                        STREAMED.read(row),
                        BYTES_RECEIVED.read(row),
                        WORDS.read(row).orElse(Request.NOT_COUNTED)),
                new Outcome(
                        STATUS.read(row),
                        DETAILS.read(row),
                        FLAGS.read(row),
                        WHOLE.read(row),
                        BOUNCED.read(row),
                        FAILED.read(row)),
                new Answer(BYTES_SENT.read(row), usage(row), content(row)),
                check(row),
                Map.of());
    }

    private static @Nullable Usage usage(ResultSet row) throws SQLException {
        Optional<Long> total = TOTAL_TOKENS.read(row);
        return total.isEmpty()
                ? null
                : new Usage(
                        PROMPT_TOKENS.read(row).orElse(0L),
                        COMPLETION_TOKENS.read(row).orElse(0L),
                        total.get(),
                        CACHED_TOKENS.read(row).orElse(0L));
    }

    private static @Nullable Content content(ResultSet row) throws SQLException {
        Optional<Long> pieces = PIECES.read(row);
        return pieces.isEmpty()
                ? null
                : new Content(
                        pieces.get(),
                        COUNTED_PIECES.read(row).orElse(0L),
                        CONTENT_BYTES.read(row).orElse(0L));
    }

    private static @Nullable GrantFacts check(ResultSet row) throws SQLException {
        Optional<String> reservation = RESERVATION.read(row);
        return reservation.isEmpty()
                ? null
                : new GrantFacts(
                        reservation.get(),
                        CHECK_EPOCH.read(row).orElse(""),
                        CHECK_PRICE.read(row).orElse(0L),
                        HELD_MICROS.read(row).orElse(0L),
                        PICK.read(row).orElse(""),
                        NOT_STORED);
    }

    private static Kind kind(ResultSet row, String column) throws SQLException {
        String name = row.getString(column);
        return word(Kind.class, name)
                .orElseThrow(() -> new SQLException(column + ": \"" + name + "\" (expected: call or attempt)"));
    }

    private static <E extends Enum<E>> Optional<E> word(Class<E> words, @Nullable String name) {
        return Arrays.stream(words.getEnumConstants())
                .filter(word -> name(word).equals(name))
                .findFirst();
    }
}
