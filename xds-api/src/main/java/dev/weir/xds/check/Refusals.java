package dev.weir.xds.check;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.xds.check.CheckAnswer.Refuse;
import dev.weir.xds.wire.ErrorCode;
import java.util.HashMap;
import java.util.Map;

/** Refusals in the shape of OpenAI's errors. */
public final class Refusals {
    private static final JsonMapper JSON = new JsonMapper();

    private Refusals() {}

    /** @param requestId "" = unknown */
    public static Refuse of(int status, ErrorCode code, String message, String requestId) {
        ObjectNode root = JSON.createObjectNode();
        root.putObject("error")
                .put("message", message)
                .put("type", code.type().word())
                .putNull("param")
                .put("code", code.word())
                .put("request_id", requestId);
        return new Refuse(status, Map.of("content-type", "application/json"), root.toString());
    }

    /**
     * A refusal with status 429 that says how long to wait.
     *
     * @param aboutMillis until it is worth trying again, 1 - 60 000; each request is told a time of its own near it
     */
    public static Refuse busy(ErrorCode code, String message, String requestId, long aboutMillis) {
        Refuse plain = of(429, code, message, requestId);
        Map<String, String> headers = new HashMap<>(plain.headers());
        headers.putAll(RetryAfter.of(aboutMillis, requestId).headers());
        return new Refuse(429, headers, plain.body());
    }
}
