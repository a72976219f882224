package dev.weir.xds.telemetry;

import dev.weir.xds.wire.CheckFacts;
import dev.weir.xds.wire.LimitHeader;
import dev.weir.xds.wire.WeirHeaders;
import dev.weir.xds.wire.WeirMetadata;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What both access logs carry, as format strings of Envoy, and under which names.
 *
 * <p>Lengths that an agent or a provider chooses are cut by Envoy at a multiple of what {@link RecordBuilder} keeps, so
 * that a character cut in two is never among what is kept, and file and stream give the same record.
 */
final class RecordFormat {
    static final String TYPE = "type";
    static final String ID = "id";
    static final String ATTEMPT = "attempt";
    static final String START = "start";
    static final String DURATION_MILLIS = "duration_ms";
    static final String END_MICROS = "end_us";
    static final String FIRST_BYTE_MICROS = "first_byte_us";
    static final String POOL = "pool";
    static final String EPOCH = "epoch";
    static final String PROVIDER = "provider";
    static final String PRICE = "price";
    static final String PRICE_EPOCH = "price_epoch";
    static final String STATUS = "status";
    static final String DETAILS = "details";
    static final String FLAGS = "flags";
    static final String METHOD = "method";
    static final String PATH = "path";
    static final String MODEL = "model";
    static final String STREAM = "stream";
    static final String PROMPT_TOKENS = "prompt_tokens";
    static final String COMPLETION_TOKENS = "completion_tokens";
    static final String TOTAL_TOKENS = "total_tokens";
    static final String CACHED_TOKENS = "cached_tokens";
    static final String PIECES = "pieces";
    static final String COUNTED_PIECES = "counted_pieces";
    static final String CONTENT_BYTES = "content_bytes";
    /** Bytes of a request's body after decompression, where it was compressed. */
    static final String BODY_BYTES = "body_bytes";

    /** Words of a request's body, as they were counted. */
    static final String WORDS = "words";

    static final String BOUNCED = "bounced";
    static final String ERROR = "error";
    static final String RESERVATION = "reservation";
    static final String CHECK_EPOCH = "check_epoch";
    static final String CHECK_PRICE = "check_price";
    static final String HELD_MICROS = "held_us";
    static final String PICK = "pick";
    static final String ANSWERED_MILLIS = "answered_ms";
    static final String LIMITS = "limits";
    static final String BYTES_RECEIVED = "bytes_received";
    static final String BYTES_SENT = "bytes_sent";

    /** Access-log types, as {@code %ACCESS_LOG_TYPE%} prints them. */
    static final String CALL_TYPE = "DownstreamEnd";

    static final String ATTEMPT_TYPE = "UpstreamEnd";

    /** Names of the streams. */
    static final String CALLS = "calls";

    static final String ATTEMPTS = "attempts";

    static final String PROGRESS = "progress";

    /** What the stream carries as custom tags, because its entries have no field for it. */
    static final Map<String, String> TAGS = Map.of(
            POOL,
            WeirMetadata.ofRoute(WeirMetadata.POOL),
            EPOCH,
            WeirMetadata.ofRoute(WeirMetadata.EPOCH),
            PROVIDER,
            WeirMetadata.OF_ENDPOINT,
            PRICE,
            "%REQ(WEIR-PRICE):20%",
            PRICE_EPOCH,
            "%REQ(WEIR-PRICE-EPOCH):20%",
            FLAGS,
            "%RESPONSE_FLAGS%");

    /** What the stream of attempts carries besides. */
    static final Map<String, String> ATTEMPT_TAGS = Map.of(LIMITS, LimitHeader.format());

    private RecordFormat() {}

    /** A file line of a call. Where there is nothing, there is no field. */
    static Map<String, String> call() {
        Map<String, String> format = common();
        format.put(ATTEMPT, "%UPSTREAM_REQUEST_ATTEMPT_COUNT%");
        format.put(END_MICROS, "%COMMON_DURATION(DS_RX_BEG:DS_TX_END:us)%");
        format.put(FIRST_BYTE_MICROS, "%COMMON_DURATION(DS_RX_BEG:DS_TX_BEG:us)%");
        format.put(DETAILS, "%RESPONSE_CODE_DETAILS%");
        format.put(MODEL, WeirMetadata.ofRequest(MODEL, 512));
        format.put(STREAM, WeirMetadata.ofRequest(STREAM, 8));
        format.put(BODY_BYTES, WeirMetadata.ofRequest(BODY_BYTES, 32));
        format.put(WORDS, WeirMetadata.ofRequest(WORDS, 32));
        for (String count : new String[] {
            PROMPT_TOKENS, COMPLETION_TOKENS, TOTAL_TOKENS, CACHED_TOKENS, PIECES, COUNTED_PIECES, CONTENT_BYTES
        }) {
            format.put(count, WeirMetadata.ofUsage(count, 32));
        }
        format.put(ERROR, WeirMetadata.ofUsage(ERROR, 8));
        format.put(RESERVATION, check(CheckFacts.RESERVATION, 256));
        format.put(CHECK_EPOCH, check(CheckFacts.EPOCH, 256));
        format.put(CHECK_PRICE, check(CheckFacts.PRICE, 32));
        format.put(HELD_MICROS, check(CheckFacts.HELD_MICROS, 32));
        format.put(PICK, check(CheckFacts.PICK, 4_096));
        format.put(ANSWERED_MILLIS, check(CheckFacts.DURATION_MILLIS, 32));
        format.put(BYTES_RECEIVED, "%BYTES_RECEIVED%");
        format.put(BYTES_SENT, "%BYTES_SENT%");
        return format;
    }

    /**
     * A file line of an attempt. An attempt has no dynamic metadata, no details and no count of its own (the request
     * header has it), and Envoy counts its bytes as the upstream side sees them.
     */
    static Map<String, String> attempt() {
        Map<String, String> format = common();
        format.put(ATTEMPT, "%REQ(WEIR-ATTEMPT):16%");
        format.put(END_MICROS, "%COMMON_DURATION(DS_RX_BEG:US_RX_END:us)%");
        format.put(FIRST_BYTE_MICROS, "%COMMON_DURATION(DS_RX_BEG:US_RX_BEG:us)%");
        format.put(LIMITS, LimitHeader.format());
        format.put(BOUNCED, "%RESP(" + WeirHeaders.OVERLOADED + "?" + WeirHeaders.RATELIMITED + "):8%");
        format.put(BYTES_RECEIVED, "%BYTES_SENT%");
        format.put(BYTES_SENT, "%BYTES_RECEIVED%");
        return format;
    }

    private static String check(String key, int length) {
        return "%DYNAMIC_METADATA(" + CheckFacts.NAMESPACE + ":" + key + "):" + length + "%";
    }

    private static Map<String, String> common() {
        Map<String, String> format = new LinkedHashMap<>(TAGS);
        format.put(TYPE, "%ACCESS_LOG_TYPE%");
        format.put(ID, "%REQ(X-REQUEST-ID):256%");
        format.put(START, "%START_TIME(%s.%6f)%");
        format.put(DURATION_MILLIS, "%DURATION%");
        format.put(STATUS, "%RESPONSE_CODE%");
        format.put(METHOD, "%REQ(:METHOD):64%");
        format.put(PATH, "%PATH(NQ):1024%");
        return format;
    }
}
