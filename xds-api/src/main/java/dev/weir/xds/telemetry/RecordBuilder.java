package dev.weir.xds.telemetry;

import dev.weir.xds.PrintableText;
import dev.weir.xds.telemetry.AccessRecord.Answer;
import dev.weir.xds.telemetry.AccessRecord.Content;
import dev.weir.xds.telemetry.AccessRecord.GrantFacts;
import dev.weir.xds.telemetry.AccessRecord.Identity;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.telemetry.AccessRecord.Outcome;
import dev.weir.xds.telemetry.AccessRecord.Request;
import dev.weir.xds.telemetry.AccessRecord.Route;
import dev.weir.xds.telemetry.AccessRecord.Timing;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import dev.weir.xds.wire.LimitHeader;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes a record from untrusted values; the one place of its limits.
 *
 * <p>What Envoy or Weir itself sets (identity, times, status, names, prices) must be right, or the record is refused. What
 * an agent or a provider chooses (path, model, usage) is cut or left out instead: nobody may make his call's record
 * disappear by an odd model name.
 */
final class RecordBuilder {
    static final int MAX_ID = 128;
    static final int MAX_NAME = 253;
    static final int MAX_MODEL = 128;
    static final int MAX_PATH = 256;
    static final int MAX_METHOD = 16;
    static final int MAX_DETAILS = 256;
    static final int MAX_FLAGS = 64;
    static final int MAX_PICK = 1_024;
    static final int MAX_ATTEMPTS = 1_000;
    /** Bounds of a start, 2000-01-01 and 2200-01-01. */
    static final long MIN_START_MICROS = 946_684_800_000_000L;

    static final long MAX_START_MICROS = 7_258_118_400_000_000L;
    /** Longest duration, a week. */
    static final long MAX_DURATION_MICROS = 7L * 86_400 * 1_000_000;
    /** The largest integer that a JSON number and a double hold exactly. */
    static final long MAX_EXACT = 1L << 53;

    static final long MAX_TOKENS = 1_000_000_000_000L;

    /** A number that is not there. */
    static final long NONE = -1;
    /** What stands for a number that is none; out of every range. */
    static final long BAD = Long.MIN_VALUE;

    private static final Pattern INTEGER = Pattern.compile("\\d{1,16}");

    private final Kind kind;
    private final String sidecar;
    private ParsedRecord.@Nullable Rejected problem;
    private Identity identity;
    private Timing timing = new Timing(0, 0, NONE);
    private Route route = new Route("", "", "", NONE, NONE);
    private Request request = new Request("", "", "", false, 0, Request.NOT_COUNTED);
    private Outcome outcome = new Outcome(0, "", "", false, false, false);
    private Answer answer = new Answer(0, null, null);
    private @Nullable GrantFacts check;
    private Map<LimitHeader, String> limits = Map.of();

    RecordBuilder(Kind kind, String sidecar) {
        this.kind = kind;
        this.sidecar = sidecar;
        identity = new Identity(kind, sidecar, "", 0);
    }

    /** {@code attempt}: its number, or that of attempts made. */
    void identity(@Nullable String id, long attempt) {
        if (id == null || id.isEmpty()) {
            reject("no_id", RecordFormat.ID, id, "a request id");
        } else if (!PrintableText.isName(id, MAX_ID)) {
            reject("id", RecordFormat.ID, id, PrintableText.name(MAX_ID));
        } else {
            long least = kind == Kind.ATTEMPT ? 1 : 0;
            int number = (int) inRange("attempt", RecordFormat.ATTEMPT, attempt, least, MAX_ATTEMPTS);
            identity = new Identity(kind, sidecar, id, number);
        }
    }

    /**
     * @param endMicros from start to the last byte of the response, {@link #NONE} = it never came
     * @param otherwiseMicros from start to the end of whatever there was
     * @param firstByteMicros from start to the first byte of the response, {@link #NONE} = none came
     */
    void timing(long startMicros, long endMicros, long otherwiseMicros, long firstByteMicros) {
        timing = new Timing(
                inRange("time", RecordFormat.START, startMicros, MIN_START_MICROS, MAX_START_MICROS),
                inRange(
                        "time",
                        RecordFormat.END_MICROS,
                        endMicros == NONE ? otherwiseMicros : endMicros,
                        0,
                        MAX_DURATION_MICROS),
                inRange("time", RecordFormat.FIRST_BYTE_MICROS, firstByteMicros, NONE, MAX_DURATION_MICROS));
    }

    /** {@code price}: {@link #NONE} = nobody was called; then what an earlier attempt's request carried does not count. */
    void route(@Nullable String pool, @Nullable String provider, @Nullable String epoch, long price, long priceNumber) {
        String called = name(RecordFormat.PROVIDER, provider);
        long asked = inRange("price", RecordFormat.PRICE, price, NONE, MAX_EXACT);
        long number = inRange("price", RecordFormat.PRICE_EPOCH, priceNumber, NONE, MAX_EXACT);
        route = new Route(
                name(RecordFormat.POOL, pool),
                called,
                name(RecordFormat.EPOCH, epoch),
                called.isEmpty() ? NONE : asked,
                called.isEmpty() ? NONE : number);
    }

    /**
     * What the agent asked for; a query of the path is left out.
     *
     * @param bytes of the body from the agent
     * @param decompressed of the same body, {@link #NONE} = it came as it is
     * @param words of the body; what is no count of them = not counted
     */
    void request(
            @Nullable String method,
            @Nullable String path,
            @Nullable String model,
            boolean streamed,
            long bytes,
            long decompressed,
            long words) {
        String text = path == null ? "" : path;
        int query = text.indexOf('?');
        request = new Request(
                cut(method, MAX_METHOD),
                cut(query < 0 ? text : text.substring(0, query), MAX_PATH),
                cut(model, MAX_MODEL),
                streamed,
                inRange("bytes", RecordFormat.BYTES_RECEIVED, Math.max(bytes, decompressed), 0, MAX_EXACT),
                words >= 0 && words <= MAX_EXACT ? words : Request.NOT_COUNTED);
    }

    /**
     * @param endMicros as in {@link #timing}
     * @param refused value of a header by which a provider side says that it refused, null or a dash = there was none
     * @param failed whether the answer says of itself that it is an error
     */
    void outcome(
            long status,
            @Nullable String details,
            @Nullable String flags,
            long endMicros,
            @Nullable String refused,
            boolean failed) {
        outcome = new Outcome(
                (int) inRange("status", RecordFormat.STATUS, status, 0, 999),
                cut(details, MAX_DETAILS),
                cut(present(flags), MAX_FLAGS),
                endMicros != NONE,
                !present(refused).isEmpty(),
                failed);
    }

    void answer(long bytes, @Nullable Usage usage, @Nullable Content content) {
        answer = new Answer(inRange("bytes", RecordFormat.BYTES_SENT, bytes, 0, MAX_EXACT), usage, content);
    }

    /** The usage as the provider said it; anything that is no count of tokens is as if it had said nothing (-1). */
    static @Nullable Usage usage(long prompt, long completion, long total, long cached) {
        long p = tokens(prompt);
        long c = tokens(completion);
        long t = tokens(total);
        if (p < 0 && c < 0 && t < 0) {
            return null;
        }
        long known = Math.max(0, p) + Math.max(0, c);
        return new Usage(Math.max(0, p), Math.max(0, c), t >= 0 ? t : known, Math.max(0, tokens(cached)));
    }

    /** The content as it was seen, {@link #NONE} or no count = nothing. */
    static @Nullable Content content(long pieces, long counted, long bytes) {
        return pieces >= 0 && pieces <= MAX_EXACT
                ? new Content(
                        pieces, Math.max(0, Math.min(pieces, counted)), bytes <= MAX_EXACT ? Math.max(0, bytes) : 0)
                : null;
    }

    /** What the check said; no reservation = it granted nothing. */
    void check(
            @Nullable String reservation,
            @Nullable String ofEpoch,
            long ofPrice,
            long heldMicros,
            @Nullable String pick,
            long answeredMillis) {
        String granted = name(RecordFormat.RESERVATION, reservation);
        if (!granted.isEmpty()) {
            check = new GrantFacts(
                    granted,
                    name(RecordFormat.CHECK_EPOCH, ofEpoch),
                    inRange("price", RecordFormat.CHECK_PRICE, ofPrice, NONE, MAX_EXACT),
                    inRange("time", RecordFormat.HELD_MICROS, heldMicros, 0, MAX_DURATION_MICROS),
                    cut(present(pick), MAX_PICK),
                    inRange("time", RecordFormat.ANSWERED_MILLIS, answeredMillis, NONE, MAX_DURATION_MICROS / 1_000));
        }
    }

    /**
     * What the provider said of its quotas. What is too long or not printable is left out: the provider chose it.
     *
     * @param values in the order of {@link LimitHeader}, null = none; fewer or more than there are come from another version
     */
    void limits(@Nullable String values) {
        if (values == null) {
            return;
        }
        Map<LimitHeader, String> said = new EnumMap<>(LimitHeader.class);
        List<LimitHeader> headers = LimitHeader.all();
        int from = 0;
        for (int i = 0; i < headers.size() && from <= values.length(); i++) {
            int bar = values.indexOf(LimitHeader.BAR, from);
            int to = bar < 0 ? values.length() : bar;
            // most are absent, and cost no text of their own
            if (to > from && !(to == from + 1 && values.charAt(from) == '-')) {
                String value = values.substring(from, to);
                if (value.length() <= headers.get(i).maxLength() && PrintableText.is(value.replace(' ', '.'))) {
                    said.put(headers.get(i), value);
                }
            }
            from = to + 1;
        }
        limits = said.isEmpty() ? Map.of() : Collections.unmodifiableMap(said);
    }

    /** Refuses the record, unless something else did before. */
    void reject(String problemKind, String field, @Nullable Object value, String expectation) {
        if (problem == null) {
            String shown = cut(String.valueOf(value), 64);
            problem = new ParsedRecord.Rejected(problemKind, field + ": " + shown + " (expected: " + expectation + ")");
        }
    }

    ParsedRecord build() {
        return problem != null
                ? problem
                : new ParsedRecord.Accepted(
                        new AccessRecord(identity, timing, route, request, outcome, answer, check, limits));
    }

    /** A decimal integer, {@link #NONE} for Envoy's dash, {@link #BAD} for anything else. */
    static long integer(String text) {
        return text.equals("-") ? NONE : INTEGER.matcher(text).matches() ? Long.parseLong(text) : BAD;
    }

    /** An integer that a double holds exactly, else {@link #BAD}. */
    static long integer(double value) {
        return value == Math.rint(value) && Math.abs(value) <= MAX_EXACT ? (long) value : BAD;
    }

    private long inRange(String problemKind, String field, long value, long least, long most) {
        if (value < least || value > most) {
            reject(problemKind, field, value, least + " - " + most);
            return least;
        }
        return value;
    }

    private String name(String field, @Nullable String value) {
        String name = present(value);
        if (name.length() > MAX_NAME || !PrintableText.is(name)) {
            reject("name", field, name, "at most " + MAX_NAME + " printable ASCII characters");
            return "";
        }
        return name;
    }

    /** A value, "" for the dash that Envoy prints where there is nothing. */
    private static String present(@Nullable String value) {
        return value == null || value.equals("-") ? "" : value;
    }

    private static long tokens(long value) {
        return value >= 0 && value <= MAX_TOKENS ? value : -1;
    }

    /**
     * The beginning of a text, at most {@code length} characters, no half of a pair at the end, control characters as question
     * marks.
     */
    private static String cut(@Nullable String value, int length) {
        if (value == null) {
            return "";
        }
        int end = Math.min(value.length(), length);
        if (end < value.length() && end > 0 && Character.isHighSurrogate(value.charAt(end - 1))) {
            end--;
        }
        for (int i = 0; i < end; i++) {
            if (Character.isISOControl(value.charAt(i))) {
                StringBuilder clean = new StringBuilder(value.substring(0, end));
                for (int j = i; j < end; j++) {
                    if (Character.isISOControl(clean.charAt(j))) {
                        clean.setCharAt(j, '?');
                    }
                }
                return clean.toString();
            }
        }
        return value.substring(0, end);
    }
}
