package dev.weir.xds.telemetry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a line of a sidecar's file log. */
public final class RecordLine {
    /** Longest line that is looked at, bytes; Envoy's own are at most 10 KiB with the formats of {@link AccessLogs}. */
    public static final int MAX_BYTES = 64 * 1024;

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(4)
                            .maxNumberLength(64)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final Pattern START = Pattern.compile("(\\d{9,10})\\.(\\d{6})");

    private RecordLine() {}

    /**
     * @param sidecar node id of the sidecar whose file it is
     * @param buffer holds the line
     * @param offset of its first byte
     * @param length without the newline
     */
    public static ParsedRecord parse(String sidecar, byte[] buffer, int offset, int length) {
        if (length > MAX_BYTES) {
            return new ParsedRecord.Rejected(
                    "too_long", "line: " + length + " bytes (expected: at most " + MAX_BYTES + ")");
        }
        JsonNode line;
        try {
            line = JSON.readTree(buffer, offset, length);
        } catch (JsonProcessingException e) {
            return new ParsedRecord.Rejected("not_json", "line: " + e.getOriginalMessage() + " (expected: JSON)");
        } catch (IOException e) {
            return new ParsedRecord.Rejected("not_json", "line: " + e.getMessage() + " (expected: JSON in UTF-8)");
        }
        if (!line.isObject()) {
            return new ParsedRecord.Rejected("not_json", "line: " + line.getNodeType() + " (expected: an object)");
        }
        String type = line.path(RecordFormat.TYPE).textValue();
        if (RecordFormat.CALL_TYPE.equals(type)) {
            return read(line, new RecordBuilder(Kind.CALL, sidecar));
        }
        if (RecordFormat.ATTEMPT_TYPE.equals(type)) {
            return read(line, new RecordBuilder(Kind.ATTEMPT, sidecar));
        }
        return new ParsedRecord.Rejected(
                "type",
                "type: " + line.path(RecordFormat.TYPE).getNodeType() + " (expected: " + RecordFormat.CALL_TYPE + " or "
                        + RecordFormat.ATTEMPT_TYPE + ")");
    }

    private static ParsedRecord read(JsonNode line, RecordBuilder record) {
        record.identity(text(line, RecordFormat.ID, record), number(line, RecordFormat.ATTEMPT));
        long endMicros = number(line, RecordFormat.END_MICROS);
        long millis = number(line, RecordFormat.DURATION_MILLIS);
        record.timing(
                start(text(line, RecordFormat.START, record)),
                endMicros,
                millis < 0 ? millis : Math.min(millis, RecordBuilder.MAX_DURATION_MICROS) * 1_000,
                number(line, RecordFormat.FIRST_BYTE_MICROS));
        record.route(
                text(line, RecordFormat.POOL, record),
                text(line, RecordFormat.PROVIDER, record),
                text(line, RecordFormat.EPOCH, record),
                number(line, RecordFormat.PRICE),
                number(line, RecordFormat.PRICE_EPOCH));
        record.outcome(
                line.hasNonNull(RecordFormat.STATUS) ? number(line, RecordFormat.STATUS) : 0,
                text(line, RecordFormat.DETAILS, record),
                text(line, RecordFormat.FLAGS, record),
                endMicros,
                text(line, RecordFormat.BOUNCED, record),
                line.path(RecordFormat.ERROR).booleanValue());
        record.request(
                text(line, RecordFormat.METHOD, record),
                text(line, RecordFormat.PATH, record),
                line.path(RecordFormat.MODEL).textValue(),
                line.path(RecordFormat.STREAM).booleanValue(),
                number(line, RecordFormat.BYTES_RECEIVED),
                count(line, RecordFormat.BODY_BYTES),
                count(line, RecordFormat.WORDS));
        record.check(
                text(line, RecordFormat.RESERVATION, record),
                text(line, RecordFormat.CHECK_EPOCH, record),
                number(line, RecordFormat.CHECK_PRICE),
                number(line, RecordFormat.HELD_MICROS),
                text(line, RecordFormat.PICK, record),
                number(line, RecordFormat.ANSWERED_MILLIS));
        record.answer(
                number(line, RecordFormat.BYTES_SENT),
                RecordBuilder.usage(
                        count(line, RecordFormat.PROMPT_TOKENS),
                        count(line, RecordFormat.COMPLETION_TOKENS),
                        count(line, RecordFormat.TOTAL_TOKENS),
                        count(line, RecordFormat.CACHED_TOKENS)),
                RecordBuilder.content(
                        count(line, RecordFormat.PIECES),
                        count(line, RecordFormat.COUNTED_PIECES),
                        count(line, RecordFormat.CONTENT_BYTES)));
        record.limits(line.path(RecordFormat.LIMITS).textValue());
        return record.build();
    }

    private static @Nullable String text(JsonNode line, String field, RecordBuilder record) {
        JsonNode value = line.path(field);
        if (!value.isTextual() && !value.isNull() && !value.isMissingNode()) {
            record.reject("type", field, value.getNodeType(), "a string or null");
        }
        return value.textValue();
    }

    /**
     * A field's number, {@link RecordBuilder#NONE} where there is nothing, {@link RecordBuilder#BAD} where there is no exact
     * integer.
     */
    private static long number(JsonNode line, String field) {
        JsonNode value = line.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return RecordBuilder.NONE;
        }
        if (value.isTextual()) {
            return RecordBuilder.integer(value.textValue());
        }
        return value.isIntegralNumber() && value.canConvertToLong()
                ? value.longValue()
                : value.isNumber() ? RecordBuilder.integer(value.doubleValue()) : RecordBuilder.BAD;
    }

    private static long count(JsonNode line, String field) {
        return line.path(field).isNumber() ? number(line, field) : RecordBuilder.NONE;
    }

    private static long start(@Nullable String text) {
        Matcher matcher = START.matcher(text == null ? "" : text);
        return matcher.matches()
                ? Long.parseLong(matcher.group(1)) * 1_000_000 + Long.parseLong(matcher.group(2))
                : RecordBuilder.BAD;
    }
}
