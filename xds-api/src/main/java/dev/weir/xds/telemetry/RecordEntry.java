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

/** Reads an entry of an access-log stream. Threadsafe, without state. */
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
                record.sidecar(),
                record.requestId(),
                record.attempt(),
                record.pool(),
                record.provider(),
                record.bytesSent()));
    }

    private static ParsedRecord read(HTTPAccessLogEntry entry, Kind kind, String sidecar) {
        AccessLogCommon common = entry.getCommonProperties();
        HTTPRequestProperties request = entry.getRequest();
        HTTPResponseProperties response = entry.getResponse();
        Map<String, String> tags = common.getCustomTagsMap();
        RecordBuilder record = new RecordBuilder(kind, sidecar);
        record.id(request.getRequestId());
        record.start(micros(common.getStartTime()));
        record.pool(tags.get(RecordFormat.POOL));
        record.epoch(tags.get(RecordFormat.EPOCH));
        record.provider(tags.get(RecordFormat.PROVIDER));
        record.price(number(tags.get(RecordFormat.PRICE)), number(tags.get(RecordFormat.PRICE_EPOCH)));
        record.status(response.getResponseCode().getValue());
        // the file has whole milliseconds here
        long otherwise = common.hasDuration()
                ? micros(common.getDuration()) / 1_000 * 1_000
                // before its end nothing has one
                : common.getAccessLogType() == AccessLogType.UpstreamPeriodic ? 0 : RecordBuilder.NONE;
        if (kind == Kind.CALL) {
            record.attempt(common.getUpstreamRequestAttemptCount());
            record.duration(
                    common.hasTimeToLastDownstreamTxByte()
                            ? micros(common.getTimeToLastDownstreamTxByte())
                            : RecordBuilder.NONE,
                    otherwise);
            record.firstByte(
                    common.hasTimeToFirstDownstreamTxByte()
                            ? micros(common.getTimeToFirstDownstreamTxByte())
                            : RecordBuilder.NONE);
            record.outcome(response.getResponseCodeDetails(), tags.get(RecordFormat.FLAGS));
            Map<String, Struct> metadata = common.getMetadata().getFilterMetadataMap();
            Struct asked = metadata.get(WeirMetadata.REQUEST);
            asked(record, request, asked);
            record.bytes(
                    request.getRequestBodyBytes(),
                    asked == null ? RecordBuilder.NONE : number(asked, RecordFormat.BODY_BYTES),
                    response.getResponseBodyBytes());
            record.words(asked == null ? RecordBuilder.NONE : number(asked, RecordFormat.WORDS));
            checked(record, metadata.get(CheckFacts.NAMESPACE));
            used(record, metadata.get(WeirMetadata.USAGE));
        } else {
            record.attempt(number(request.getRequestHeadersMap().get(WeirHeaders.ATTEMPT)));
            record.duration(
                    common.hasTimeToLastUpstreamRxByte()
                            ? micros(common.getTimeToLastUpstreamRxByte())
                            : RecordBuilder.NONE,
                    otherwise);
            record.firstByte(
                    common.hasTimeToFirstUpstreamRxByte()
                            ? micros(common.getTimeToFirstUpstreamRxByte())
                            : RecordBuilder.NONE);
            record.outcome("", tags.get(RecordFormat.FLAGS));
            // the upstream side sends what the agent sent
            record.bytes(response.getResponseBodyBytes(), RecordBuilder.NONE, request.getRequestBodyBytes());
            asked(record, request, null);
            record.bounced(response.getResponseHeadersMap().get(WeirHeaders.OVERLOADED));
        }
        return record.build();
    }

    private static void asked(RecordBuilder record, HTTPRequestProperties request, @Nullable Struct metadata) {
        Struct asked = metadata == null ? Struct.getDefaultInstance() : metadata;
        String method = request.getRequestMethodValue() == 0
                ? ""
                : request.getRequestMethod().name();
        record.request(
                method,
                request.getPath(),
                asked.getFieldsOrDefault(RecordFormat.MODEL, Value.getDefaultInstance())
                        .getStringValue(),
                asked.getFieldsOrDefault(RecordFormat.STREAM, Value.getDefaultInstance())
                        .getBoolValue());
    }

    private static void checked(RecordBuilder record, @Nullable Struct check) {
        if (check != null) {
            record.check(
                    text(check, CheckFacts.RESERVATION),
                    text(check, CheckFacts.EPOCH),
                    number(check, CheckFacts.PRICE),
                    number(check, CheckFacts.HELD_MICROS),
                    text(check, CheckFacts.PICK),
                    number(check, CheckFacts.DURATION_MILLIS));
        }
    }

    private static String text(Struct struct, String field) {
        return struct.getFieldsOrDefault(field, Value.getDefaultInstance()).getStringValue();
    }

    private static long number(Struct struct, String field) {
        Value value = struct.getFieldsOrDefault(field, Value.getDefaultInstance());
        return value.hasNumberValue() ? RecordBuilder.integer(value.getNumberValue()) : RecordBuilder.NONE;
    }

    private static void used(RecordBuilder record, @Nullable Struct usage) {
        if (usage != null) {
            record.usage(
                    number(usage, RecordFormat.PROMPT_TOKENS),
                    number(usage, RecordFormat.COMPLETION_TOKENS),
                    number(usage, RecordFormat.TOTAL_TOKENS),
                    number(usage, RecordFormat.CACHED_TOKENS));
            record.failed(usage.getFieldsOrDefault(RecordFormat.ERROR, Value.getDefaultInstance())
                    .getBoolValue());
            record.content(
                    number(usage, RecordFormat.PIECES),
                    number(usage, RecordFormat.COUNTED_PIECES),
                    number(usage, RecordFormat.CONTENT_BYTES));
        }
    }

    private static long number(@Nullable String text) {
        return text == null || text.isEmpty() ? RecordBuilder.NONE : RecordBuilder.integer(text);
    }

    /** {@link RecordBuilder#BAD} for what does not fit, so that the range check refuses it. */
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
