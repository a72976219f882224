package dev.weir.xds.check;

import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import dev.weir.xds.wire.WeirHeaders;
import dev.weir.xds.wire.WeirMetadata;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;

/** Reads Envoy's message, with limits; what is wrong becomes the refusal that the request gets. */
final class CheckReader {
    private static final String INVALID = "invalid_request_error";

    private CheckReader() {}

    /** A check, or why there is none. */
    sealed interface Read {
        record Good(CheckedRequest check) implements Read {}

        record Bad(CheckAnswer.Refuse refusal) implements Read {}
    }

    /** @param asker the connection that it came by */
    static Read of(CheckMarshaller.Message message, String asker) {
        CheckRequest request = message.request();
        if (request == null) {
            return message.tooLarge()
                    ? bad(
                            431,
                            "request_too_large",
                            "The request's headers are too large to be checked (expected: at most "
                                    + CheckMarshaller.MAX_BYTES + " bytes with all that describes the request).")
                    : bad(400, "invalid_check", "The check could not be read (expected: a CheckRequest).");
        }
        AttributeContext attributes = request.getAttributes();
        String id = attributes.getRequest().getHttp().getHeadersOrDefault(WeirHeaders.REQUEST_ID, "");
        if (!printable(id, CheckedRequest.MAX_ID)) {
            return bad(
                    400,
                    "invalid_request_id",
                    "x-request-id: " + shown(id) + " (expected: 1-" + CheckedRequest.MAX_ID
                            + " printable ASCII characters).");
        }
        String pool = attributes.getContextExtensionsOrDefault(CheckedRequest.POOL, "");
        if (!printable(pool, CheckedRequest.MAX_POOL)) {
            return bad(
                    400,
                    "invalid_pool",
                    "context_extensions.pool: " + shown(pool) + " (expected: 1-" + CheckedRequest.MAX_POOL
                            + " printable ASCII characters).");
        }
        boolean mayWait = attributes
                .getContextExtensionsOrDefault(CheckedRequest.QUEUE, "")
                .equals(CheckedRequest.WAITS);
        return new Read.Good(new CheckedRequest(
                id, pool, mayWait, micros(attributes.getRequest().getTime()), follows(attributes), asker));
    }

    /** What is no name is no provider's, so it is as good as none. */
    private static String follows(AttributeContext attributes) {
        String name = attributes
                .getMetadataContext()
                .getFilterMetadataOrDefault(WeirMetadata.REQUEST, Struct.getDefaultInstance())
                .getFieldsOrDefault(WeirMetadata.FOLLOWS, Value.getDefaultInstance())
                .getStringValue();
        return printable(name, CheckedRequest.MAX_POOL) ? name : "";
    }

    private static Read bad(int status, String code, String message) {
        return new Read.Bad(Refusals.of(status, INVALID, code, message, ""));
    }

    /** 0 for what is no time of our days. */
    private static long micros(Timestamp time) {
        boolean sane = time.getSeconds() > 0
                && time.getSeconds() <= 1L << 40
                && time.getNanos() >= 0
                && time.getNanos() < 1_000_000_000;
        return sane ? time.getSeconds() * 1_000_000 + time.getNanos() / 1_000 : 0;
    }

    private static boolean printable(String text, int most) {
        if (text.isEmpty() || text.length() > most) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) <= ' ' || text.charAt(i) > '~') {
                return false;
            }
        }
        return true;
    }

    private static String shown(String text) {
        String start = text.length() <= 32 ? text : text.substring(0, 32) + "...";
        return '"' + start.replaceAll("[^ -~]", "?") + '"';
    }
}
