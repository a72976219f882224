package dev.weir.control.ledger;

import com.google.protobuf.ByteString;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Content;
import dev.weir.xds.telemetry.AccessRecord.GrantFacts;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import dev.weir.xds.telemetry.FileRecords.Chunk;
import dev.weir.xds.testing.RecordMaker;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Records for tests, as objects and as the lines that Envoy writes for them. */
final class Records {
    static final long START = RecordMaker.START;

    private Records() {}

    /** Stands for a 2xx whose body is an error. */
    static final int ERROR = 299;

    static AccessRecord call(String id, String provider, int status, @Nullable Usage usage) {
        return record(Kind.CALL, id, 1, provider, status, usage, START);
    }

    static AccessRecord attempt(String id, int number, String provider, int status) {
        return record(Kind.ATTEMPT, id, number, provider, status, null, START);
    }

    static AccessRecord record(
            Kind kind, String id, int attempt, String provider, int status, @Nullable Usage usage, long startMicros) {
        boolean call = kind == Kind.CALL;
        return RecordMaker.record(kind, id, attempt)
                .sidecar("sidecar-1")
                .start(startMicros)
                .whole(status > 0)
                .provider(provider)
                .price("3.17", provider.isEmpty() ? -1 : 120, provider.isEmpty() ? -1 : 17)
                .status(status)
                .asked("POST", "/v1/chat/completions", call ? "m" : "", call)
                .usage(usage)
                .bounced(!call && status == 503)
                .failed(call && status == ERROR)
                .check(call && status == 200 ? new GrantFacts("3.17-42", "3.16", 110, 1_500, "b 0, a 12", -1) : null)
                .make();
    }

    /** A completed call of provider {@code a}, to be changed; 86 bytes came, 76 went. */
    static RecordMaker answered(String id, @Nullable Usage usage) {
        return RecordMaker.like(call(id, "a", 200, usage));
    }

    /** A chunk of a file that holds the records' lines. */
    static Chunk chunk(String sidecar, String file, long offset, AccessRecord... records) {
        String lines = Arrays.stream(records).map(Records::line).collect(Collectors.joining());
        return new Chunk(sidecar, file, offset, ByteString.copyFromUtf8(lines));
    }

    static String line(AccessRecord r) {
        Usage usage = r.answer().usage();
        String common =
                "\"id\":\"%s\",\"attempt\":%d,\"start\":\"%d.%06d\",\"duration_ms\":%d,\"end_us\":%s,\"first_byte_us\":%d"
                        .formatted(
                                r.identity().requestId(),
                                r.identity().attempt(),
                                r.timing().startMicros() / 1_000_000,
                                r.timing().startMicros() % 1_000_000,
                                r.timing().durationMicros() / 1_000,
                                r.outcome().whole() ? r.timing().durationMicros() : null,
                                r.timing().firstByteMicros());
        String outcome =
                (",\"pool\":\"%s\",\"epoch\":\"%s\",\"provider\":%s,\"price\":%s,\"price_epoch\":%s,\"status\":%d,"
                                + "\"flags\":\"-\",\"method\":\"POST\",\"path\":\"%s\",\"bytes_received\":%d,\"bytes_sent\":%d")
                        .formatted(
                                r.route().pool(),
                                r.route().epoch(),
                                r.route().provider().isEmpty()
                                        ? null
                                        : "\"" + r.route().provider() + "\"",
                                r.route().price() < 0 ? null : r.route().price(),
                                r.route().priceNumber() < 0 ? null : r.route().priceNumber(),
                                r.outcome().status(),
                                r.request().path(),
                                r.request().bytesReceived(),
                                r.answer().bytesSent());
        if (r.identity().kind() == Kind.ATTEMPT) {
            return "{\"type\":\"UpstreamEnd\"," + common + outcome
                    + (r.outcome().bounced() ? ",\"bounced\":\"true\"" : "") + "}\n";
        }
        String tokens = usage == null
                ? ""
                : ",\"prompt_tokens\":%d,\"completion_tokens\":%d,\"total_tokens\":%d,\"cached_tokens\":%d"
                        .formatted(
                                usage.promptTokens(),
                                usage.completionTokens(),
                                usage.totalTokens(),
                                usage.cachedTokens());
        Content content = r.answer().content();
        String pieces = content == null
                ? ""
                : ",\"pieces\":%d,\"counted_pieces\":%d,\"content_bytes\":%d"
                        .formatted(content.pieces(), content.counted(), content.bytes());
        GrantFacts check = r.check();
        String checked = check == null
                ? ""
                : ",\"reservation\":\"%s\",\"check_epoch\":\"%s\",\"check_price\":%d,\"held_us\":%d,\"pick\":\"%s\""
                        .formatted(check.reservation(), check.epoch(), check.price(), check.heldMicros(), check.pick());
        String words = r.request().words() == AccessRecord.Request.NOT_COUNTED
                ? ""
                : ",\"words\":" + r.request().words();
        return "{\"type\":\"DownstreamEnd\"," + common + outcome + ",\"details\":\""
                + r.outcome().details() + "\",\"model\":\""
                + r.request().model() + "\",\"stream\":" + r.request().streamed() + tokens + pieces + words + checked
                + (r.outcome().failed() ? ",\"error\":true" : "")
                + "}\n";
    }
}
