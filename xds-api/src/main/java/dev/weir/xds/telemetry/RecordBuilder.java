package dev.weir.xds.telemetry;

import dev.weir.xds.telemetry.AccessRecord.Content;
import dev.weir.xds.telemetry.AccessRecord.GrantFacts;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.telemetry.AccessRecord.Usage;
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
    /** 2000-01-01 and 2200-01-01. */
    static final long MIN_START_MICROS = 946_684_800_000_000L;

    static final long MAX_START_MICROS = 7_258_118_400_000_000L;
    /** A week. */
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
    private String id = "";
    private int attempt;
    private long startMicros;
    private long durationMicros;
    private long firstByteMicros = -1;
    private boolean whole;
    private String pool = "";
    private String provider = "";
    private String epoch = "";
    private long price = -1;
    private long priceNumber = -1;
    private int status;
    private String details = "";
    private String flags = "";
    private String method = "";
    private String path = "";
    private String model = "";
    private boolean streamed;
    private @Nullable Usage usage;
    private long bytesReceived;
    private long bytesSent;
    private long words = AccessRecord.NOT_COUNTED;
    private boolean bounced;
    private boolean failed;
    private @Nullable GrantFacts check;
    private @Nullable Content content;

    RecordBuilder(Kind kind, String sidecar) {
        this.kind = kind;
        this.sidecar = sidecar;
    }

    void id(@Nullable String value) {
        if (value == null || value.isEmpty()) {
            reject("no_id", RecordFormat.ID, value, "a request id");
        } else if (value.length() > MAX_ID || !printable(value)) {
            reject("id", RecordFormat.ID, value, "1-" + MAX_ID + " printable ASCII characters");
        } else {
            id = value;
        }
    }

    /** Number of the attempt, or of attempts made. */
    void attempt(long value) {
        long least = kind == Kind.ATTEMPT ? 1 : 0;
        attempt = (int) inRange("attempt", RecordFormat.ATTEMPT, value, least, MAX_ATTEMPTS);
    }

    void start(long micros) {
        startMicros = inRange("time", RecordFormat.START, micros, MIN_START_MICROS, MAX_START_MICROS);
    }

    /**
     * @param endMicros from start to the last byte of the response, {@link #NONE} = it never came
     * @param otherwiseMicros from start to the end of whatever there was
     */
    void duration(long endMicros, long otherwiseMicros) {
        whole = endMicros != NONE;
        durationMicros =
                inRange("time", RecordFormat.END_MICROS, whole ? endMicros : otherwiseMicros, 0, MAX_DURATION_MICROS);
    }

    /** {@link #NONE} = none came. */
    void firstByte(long micros) {
        firstByteMicros = inRange("time", RecordFormat.FIRST_BYTE_MICROS, micros, NONE, MAX_DURATION_MICROS);
    }

    void pool(@Nullable String value) {
        pool = name(RecordFormat.POOL, value);
    }

    void epoch(@Nullable String value) {
        epoch = name(RecordFormat.EPOCH, value);
    }

    void provider(@Nullable String value) {
        provider = name(RecordFormat.PROVIDER, value);
    }

    /** {@link #NONE} = nobody was called; then what an earlier attempt's request carried does not count. */
    void price(long value, long number) {
        price = inRange("price", RecordFormat.PRICE, value, NONE, MAX_EXACT);
        priceNumber = inRange("price", RecordFormat.PRICE_EPOCH, number, NONE, MAX_EXACT);
    }

    void status(long value) {
        status = (int) inRange("status", RecordFormat.STATUS, value, 0, 999);
    }

    void outcome(@Nullable String detailsText, @Nullable String flagsText) {
        details = cut(detailsText, MAX_DETAILS);
        flags = cut(present(flagsText), MAX_FLAGS);
    }

    /** What the agent asked for; a query of the path is left out. */
    void request(@Nullable String methodName, @Nullable String wholePath, @Nullable String modelName, boolean stream) {
        method = cut(methodName, MAX_METHOD);
        String text = wholePath == null ? "" : wholePath;
        int query = text.indexOf('?');
        path = cut(query < 0 ? text : text.substring(0, query), MAX_PATH);
        model = cut(modelName, MAX_MODEL);
        streamed = stream;
    }

    /** As the provider said; anything that is no count of tokens is as if it had said nothing (-1). */
    void usage(long prompt, long completion, long total, long cached) {
        long p = tokens(prompt);
        long c = tokens(completion);
        long t = tokens(total);
        if (p >= 0 || c >= 0 || t >= 0) {
            long known = Math.max(0, p) + Math.max(0, c);
            usage = new Usage(Math.max(0, p), Math.max(0, c), t >= 0 ? t : known, Math.max(0, tokens(cached)));
        }
    }

    /** What was seen of the content, {@link #NONE} or no count = nothing. */
    void content(long pieces, long counted, long bytes) {
        if (pieces >= 0 && pieces <= MAX_EXACT) {
            content = new Content(
                    pieces, Math.max(0, Math.min(pieces, counted)), bytes <= MAX_EXACT ? Math.max(0, bytes) : 0);
        }
    }

    /** {@code decompressed}: of the body from the agent, {@link #NONE} = it came as it is. */
    void bytes(long fromAgent, long decompressed, long toAgent) {
        bytesReceived = inRange("bytes", RecordFormat.BYTES_RECEIVED, Math.max(fromAgent, decompressed), 0, MAX_EXACT);
        bytesSent = inRange("bytes", RecordFormat.BYTES_SENT, toAgent, 0, MAX_EXACT);
    }

    /** Words of the request's body; what is no count of them = not counted. */
    void words(long count) {
        words = count >= 0 && count <= MAX_EXACT ? count : AccessRecord.NOT_COUNTED;
    }

    /** Value of the header by which a provider side says that it refused, null or a dash = there was none. */
    void bounced(@Nullable String header) {
        bounced = !present(header).isEmpty();
    }

    /** Whether the answer says of itself that it is an error. */
    void failed(boolean error) {
        failed = error;
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

    /** Refuses the record, unless something else did before. */
    void reject(String problemKind, String field, @Nullable Object value, String expectation) {
        if (problem == null) {
            String shown = cut(String.valueOf(value), 64);
            problem = new ParsedRecord.Rejected(problemKind, field + ": " + shown + " (expected: " + expectation + ")");
        }
    }

    ParsedRecord build() {
        if (problem != null) {
            return problem;
        }
        return new ParsedRecord.Accepted(new AccessRecord(
                kind,
                sidecar,
                id,
                attempt,
                startMicros,
                durationMicros,
                firstByteMicros,
                whole,
                pool,
                provider,
                epoch,
                provider.isEmpty() ? NONE : price,
                provider.isEmpty() ? NONE : priceNumber,
                status,
                details,
                flags,
                method,
                path,
                model,
                streamed,
                usage,
                bytesReceived,
                bytesSent,
                words,
                bounced,
                failed,
                check,
                content));
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
        if (name.length() > MAX_NAME || !printable(name)) {
            reject("name", field, name, "at most " + MAX_NAME + " printable ASCII characters");
            return "";
        }
        return name;
    }

    /** Envoy prints a dash where there is nothing. */
    private static String present(@Nullable String value) {
        return value == null || value.equals("-") ? "" : value;
    }

    private static long tokens(long value) {
        return value >= 0 && value <= MAX_TOKENS ? value : -1;
    }

    private static boolean printable(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) <= ' ' || text.charAt(i) > '~') {
                return false;
            }
        }
        return true;
    }

    /** At most {@code length} characters, no half of a pair at the end, control characters as question marks. */
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
