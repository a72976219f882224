package dev.weir.xds.telemetry;

import com.google.protobuf.Duration;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.wire.CheckFacts;
import dev.weir.xds.wire.WeirHeaders;
import dev.weir.xds.wire.WeirMetadata;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogCommon;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogType;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPAccessLogEntry;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPRequestProperties;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPResponseProperties;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads an entry of an access-log stream. */
public final class RecordEntry {
    private RecordEntry() {}

    /** @param sidecar node id of the stream */
    public static ParsedRecord parse(String sidecar, HTTPAccessLogEntry entry) {
        return switch (entry.getCommonProperties().getAccessLogType()) {
            case DownstreamEnd -> read(entry, Kind.CALL, sidecar);
            case UpstreamEnd -> read(entry, Kind.ATTEMPT, sidecar);
            case UpstreamPeriodic -> unfinished(read(entry, Kind.ATTEMPT, sidecar));
            default ->
                new ParsedRecord.Rejected(
                        "type",
                        "type: " + entry.getCommonProperties().getAccessLogTypeValue() + " (expected: "
                                + RecordFormat.CALL_TYPE + " or " + RecordFormat.ATTEMPT_TYPE + ")");
        };
    }

    private static ParsedRecord unfinished(ParsedRecord parsed) {
        if (!(parsed instanceof ParsedRecord.Accepted accepted)) {
            return parsed;
        }
        AccessRecord record = accepted.record();
        return new ParsedRecord.Unfinished(new AttemptProgress(
                record.identity().sidecar(),
                record.identity().requestId(),
                record.identity().attempt(),
                record.route().pool(),
                record.route().provider(),
                record.answer().bytesSent()));
    }

    private static ParsedRecord read(HTTPAccessLogEntry entry, Kind kind, String sidecar) {
        RecordBuilder record = new RecordBuilder(kind, sidecar);
        if (kind == Kind.CALL) {
            call(record, entry);
        } else {
            attempt(record, entry);
        }
        Map<String, String> tags = entry.getCommonProperties().getCustomTagsMap();
        record.route(
                tags.get(RecordFormat.POOL),
                tags.get(RecordFormat.PROVIDER),
                tags.get(RecordFormat.EPOCH),
                number(tags.get(RecordFormat.PRICE)),
                number(tags.get(RecordFormat.PRICE_EPOCH)));
        return record.build();
    }

    private static void call(RecordBuilder record, HTTPAccessLogEntry entry) {
        AccessLogCommon common = entry.getCommonProperties();
        HTTPRequestProperties request = entry.getRequest();
        HTTPResponseProperties response = entry.getResponse();
        Map<String, Struct> metadata = common.getMetadata().getFilterMetadataMap();
        Struct asked = metadata.getOrDefault(WeirMetadata.REQUEST, Struct.getDefaultInstance());
        Struct used = metadata.getOrDefault(WeirMetadata.USAGE, Struct.getDefaultInstance());
        Struct check = metadata.getOrDefault(CheckFacts.NAMESPACE, Struct.getDefaultInstance());
        long endMicros = common.hasTimeToLastDownstreamTxByte()
                ? micros(common.getTimeToLastDownstreamTxByte())
                : RecordBuilder.NONE;
        record.identity(request.getRequestId(), common.getUpstreamRequestAttemptCount());
        record.timing(
                micros(common.getStartTime()),
                endMicros,
                wholeMillis(common),
                common.hasTimeToFirstDownstreamTxByte()
                        ? micros(common.getTimeToFirstDownstreamTxByte())
                        : RecordBuilder.NONE);
        record.request(
                method(request),
                request.getPath(),
                text(asked, RecordFormat.MODEL),
                flag(asked, RecordFormat.STREAM),
                request.getRequestBodyBytes(),
                number(asked, RecordFormat.BODY_BYTES),
                number(asked, RecordFormat.WORDS));
        record.outcome(
                response.getResponseCode().getValue(),
                response.getResponseCodeDetails(),
                common.getCustomTagsMap().get(RecordFormat.FLAGS),
                endMicros,
                null,
                flag(used, RecordFormat.ERROR));
        record.answer(
                response.getResponseBodyBytes(),
                RecordBuilder.usage(
                        number(used, RecordFormat.PROMPT_TOKENS),
                        number(used, RecordFormat.COMPLETION_TOKENS),
                        number(used, RecordFormat.TOTAL_TOKENS),
                        number(used, RecordFormat.CACHED_TOKENS)),
                RecordBuilder.content(
                        number(used, RecordFormat.PIECES),
                        number(used, RecordFormat.COUNTED_PIECES),
                        number(used, RecordFormat.CONTENT_BYTES)));
        record.check(
                text(check, CheckFacts.RESERVATION),
                text(check, CheckFacts.EPOCH),
                number(check, CheckFacts.PRICE),
                number(check, CheckFacts.HELD_MICROS),
                text(check, CheckFacts.PICK),
                number(check, CheckFacts.DURATION_MILLIS));
    }

    private static void attempt(RecordBuilder record, HTTPAccessLogEntry entry) {
        AccessLogCommon common = entry.getCommonProperties();
        HTTPRequestProperties request = entry.getRequest();
        HTTPResponseProperties response = entry.getResponse();
        long endMicros = common.hasTimeToLastUpstreamRxByte()
                ? micros(common.getTimeToLastUpstreamRxByte())
                : RecordBuilder.NONE;
        // before its end nothing has a duration
        boolean unfinished = common.getAccessLogType() == AccessLogType.UpstreamPeriodic;
        record.identity(
                request.getRequestId(), number(request.getRequestHeadersMap().get(WeirHeaders.ATTEMPT)));
        record.timing(
                micros(common.getStartTime()),
                endMicros,
                unfinished && !common.hasDuration() ? 0 : wholeMillis(common),
                common.hasTimeToFirstUpstreamRxByte()
                        ? micros(common.getTimeToFirstUpstreamRxByte())
                        : RecordBuilder.NONE);
        // the upstream side sends what the agent sent
        record.request(
                method(request),
                request.getPath(),
                "",
                false,
                response.getResponseBodyBytes(),
                RecordBuilder.NONE,
                RecordBuilder.NONE);
        record.outcome(
                response.getResponseCode().getValue(),
                "",
                common.getCustomTagsMap().get(RecordFormat.FLAGS),
                endMicros,
                refused(response.getResponseHeadersMap()),
                false);
        record.answer(request.getRequestBodyBytes(), null, null);
        record.limits(common.getCustomTagsMap().get(RecordFormat.LIMITS));
    }

    /** The duration as the file has it, in microseconds; {@link RecordBuilder#NONE} = there is none. */
    private static long wholeMillis(AccessLogCommon common) {
        return common.hasDuration() ? micros(common.getDuration()) / 1_000 * 1_000 : RecordBuilder.NONE;
    }

    private static String method(HTTPRequestProperties request) {
        return request.getRequestMethodValue() == 0
                ? ""
                : request.getRequestMethod().name();
    }

    /** The header by which a provider side says that it refused, if any. */
    private static @Nullable String refused(Map<String, String> headers) {
        return headers.getOrDefault(WeirHeaders.OVERLOADED, headers.get(WeirHeaders.RATELIMITED));
    }

    private static boolean flag(Struct struct, String field) {
        return struct.getFieldsOrDefault(field, Value.getDefaultInstance()).getBoolValue();
    }

    private static String text(Struct struct, String field) {
        return struct.getFieldsOrDefault(field, Value.getDefaultInstance()).getStringValue();
    }

    private static long number(Struct struct, String field) {
        Value value = struct.getFieldsOrDefault(field, Value.getDefaultInstance());
        return value.hasNumberValue() ? RecordBuilder.integer(value.getNumberValue()) : RecordBuilder.NONE;
    }

    private static long number(@Nullable String text) {
        return text == null || text.isEmpty() ? RecordBuilder.NONE : RecordBuilder.integer(text);
    }

    /** Microseconds, {@link RecordBuilder#BAD} for what does not fit, so that the range check refuses it. */
    private static long micros(Timestamp time) {
        return micros(time.getSeconds(), time.getNanos());
    }

    private static long micros(Duration time) {
        return micros(time.getSeconds(), time.getNanos());
    }

    private static long micros(long seconds, int nanos) {
        boolean sane = seconds >= 0 && seconds <= 1L << 40 && nanos >= 0 && nanos < 1_000_000_000;
        return sane ? seconds * 1_000_000 + nanos / 1_000 : RecordBuilder.BAD;
    }
}
