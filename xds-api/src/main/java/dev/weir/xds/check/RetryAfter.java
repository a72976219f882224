package dev.weir.xds.check;

import dev.weir.xds.wire.WeirHeaders;
import java.util.Map;

/**
 * How long one who is refused should wait: about as long as was said, but each its own time, so that those who were refused
 * together do not come back together.
 *
 * @param millis 1 - {@value #MAX_MILLIS}
 */
record RetryAfter(long millis) {
    /** OpenAI's clients ignore what is longer. */
    static final long MAX_MILLIS = 60_000;

    /** What may be lengthened by a quarter and stays within {@link #MAX_MILLIS}. */
    private static final long SPREADABLE_MILLIS = MAX_MILLIS * 4 / 5;

    /**
     * From three to five quarters of {@code aboutMillis}, the same for the same request.
     *
     * @param requestId made by Envoy, at random
     */
    static RetryAfter of(long aboutMillis, String requestId) {
        double about = Math.min(Math.max(1, aboutMillis), SPREADABLE_MILLIS);
        return new RetryAfter(Math.max(1, Math.round(about * (0.75 + 0.5 * uniform(requestId)))));
    }

    /** A number of [0, 1) for a text: the mixed bits of a hash, because ids that are almost equal hash to numbers that are. */
    private static double uniform(String text) {
        int h = text.hashCode();
        h = (h ^ (h >>> 16)) * 0x85eb_ca6b;
        h = (h ^ (h >>> 13)) * 0xc2b2_ae35;
        return ((h ^ (h >>> 16)) & 0xffff_ffffL) / 0x1p32;
    }

    /**
     * The headers that say it, one for OpenAI's clients and one for all others: the second one is the first in whole seconds,
     * rounded up.
     */
    Map<String, String> headers() {
        return Map.of(
                WeirHeaders.RETRY_AFTER_MILLIS,
                Long.toString(millis),
                WeirHeaders.RETRY_AFTER,
                Long.toString((millis + 999) / 1000));
    }
}
