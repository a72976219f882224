package dev.weir.control.usage;

import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Content;

/**
 * What was seen of a call's size, whatever its provider says: tokens as they would be if every event of a stream held one
 * and all other text had four bytes for each.
 */
public final class Evidence {
    private static final double BYTES_PER_TOKEN = 4;

    private Evidence() {}

    /** The request's size, tokens, {@code >= 0}. */
    public static double prompt(AccessRecord call) {
        return (double) call.request().bytesReceived() / BYTES_PER_TOKEN;
    }

    /** The answer's size, as far as it was delivered, tokens, {@code >= 0}. */
    public static double completion(AccessRecord call) {
        Content content = call.answer().content();
        return content == null ? (double) call.answer().bytesSent() / BYTES_PER_TOKEN : (double) content.pieces();
    }
}
