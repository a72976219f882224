package dev.weir.xds.check;

import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import dev.weir.xds.PrintableText;
import dev.weir.xds.wire.ErrorCode;
import dev.weir.xds.wire.WeirHeaders;
import dev.weir.xds.wire.WeirMetadata;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;

/** Reads Envoy's message, with limits; what is wrong becomes the refusal that the request gets. */
final class CheckReader {

    private CheckReader() {}

    /** A check, or why there is none. */
    sealed interface Read {
        record Good(CheckedRequest check) implements Read {}

        record Bad(CheckAnswer.Refuse refusal) implements Read {}
    }

    /**
     * @param asker the connection that it came by
     * @param patienceNanos for which its answer is waited for, from now on
     */
    static Read of(CheckMarshaller.Message message, String asker, long patienceNanos) {
        CheckRequest request = message.request();
        if (request == null) {
            return message.tooLarge()
                    ? bad(
                            431,
                            ErrorCode.REQUEST_TOO_LARGE,
                            "The request's headers are too large to be checked (expected: at most "
                                    + CheckMarshaller.MAX_BYTES + " bytes with all that describes the request).")
                    : bad(400, ErrorCode.INVALID_CHECK, "The check could not be read (expected: a CheckRequest).");
        }
        AttributeContext attributes = request.getAttributes();
        String id = attributes.getRequest().getHttp().getHeadersOrDefault(WeirHeaders.REQUEST_ID, "");
        if (!PrintableText.isName(id, CheckedRequest.MAX_ID)) {
            return bad(
                    400,
                    ErrorCode.INVALID_REQUEST_ID,
                    "x-request-id: \"" + PrintableText.shown(id, 32) + "\" (expected: "
                            + PrintableText.name(CheckedRequest.MAX_ID) + ").");
        }
        String pool = attributes.getContextExtensionsOrDefault(CheckedRequest.POOL, "");
        if (!PrintableText.isName(pool, CheckedRequest.MAX_POOL)) {
            return bad(
                    400,
                    ErrorCode.INVALID_POOL,
                    "context_extensions.pool: \"" + PrintableText.shown(pool, 32) + "\" (expected: "
                            + PrintableText.name(CheckedRequest.MAX_POOL) + ").");
        }
        boolean mayWait = attributes
                .getContextExtensionsOrDefault(CheckedRequest.QUEUE, "")
                .equals(CheckedRequest.WAITS);
        return new Read.Good(new CheckedRequest(
                id,
                pool,
                mayWait,
                micros(attributes.getRequest().getTime()),
                follows(attributes),
                asker,
                Math.max(0, Math.min(CheckedRequest.MAX_PATIENCE_NANOS, patienceNanos))));
    }

    /** The provider that the request follows, "" = none: what is no name is no provider's. */
    private static String follows(AttributeContext attributes) {
        String name = attributes
                .getMetadataContext()
                .getFilterMetadataOrDefault(WeirMetadata.REQUEST, Struct.getDefaultInstance())
                .getFieldsOrDefault(WeirMetadata.FOLLOWS, Value.getDefaultInstance())
                .getStringValue();
        return PrintableText.isName(name, CheckedRequest.MAX_POOL) ? name : "";
    }

    private static Read bad(int status, ErrorCode code, String message) {
        return new Read.Bad(Refusals.of(status, code, message, ""));
    }

    /** Microseconds since 1970; 0 for what is before that or out of range. */
    private static long micros(Timestamp time) {
        boolean sane = time.getSeconds() > 0
                && time.getSeconds() <= 1L << 40
                && time.getNanos() >= 0
                && time.getNanos() < 1_000_000_000;
        return sane ? time.getSeconds() * 1_000_000 + time.getNanos() / 1_000 : 0;
    }
}
