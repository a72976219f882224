package dev.weir.control.testbed.load;

import dev.weir.xds.wire.WeirHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;

/**
 * The headers that every answer carries.
 *
 * @param provider {@code weir-provider}, "" = missing
 * @param requestId {@code x-request-id}, "" = missing
 * @param attempts {@code weir-attempts}, -1 = missing or not a number
 * @param price {@code weir-price}, -1 likewise
 * @param epoch {@code weir-epoch}, "" = missing
 * @param congestion {@code weir-congestion}, -1 likewise
 * @param retryAfterMillis {@code retry-after-ms}, -1 = not there or not a number, as on all but a 429
 * @param missing how many of the seven are missing or unreadable
 */
public record SeenHeaders(
        String provider,
        String requestId,
        int attempts,
        long price,
        String epoch,
        int congestion,
        long retryAfterMillis,
        int missing) {
    static final List<String> NAMES = List.of(
            WeirHeaders.PROVIDER,
            WeirHeaders.PRICE,
            WeirHeaders.PRICE_EPOCH,
            WeirHeaders.EPOCH,
            WeirHeaders.CONGESTION,
            WeirHeaders.ATTEMPTS,
            WeirHeaders.REQUEST_ID);

    static final SeenHeaders NONE = new SeenHeaders("", "", -1, -1, "", -1, -1, NAMES.size());

    static SeenHeaders of(HttpHeaders headers) {
        long attempts = number(headers.get(WeirHeaders.ATTEMPTS));
        long price = number(headers.get(WeirHeaders.PRICE));
        long congestion = number(headers.get(WeirHeaders.CONGESTION));
        int missing = (attempts < 0 ? 1 : 0)
                + (price < 0 ? 1 : 0)
                + (congestion < 0 || congestion > 100 ? 1 : 0)
                + (number(headers.get(WeirHeaders.PRICE_EPOCH)) < 0 ? 1 : 0);
        for (String name : List.of(WeirHeaders.PROVIDER, WeirHeaders.EPOCH, WeirHeaders.REQUEST_ID)) {
            missing += headers.get(name, "").isEmpty() ? 1 : 0;
        }
        return new SeenHeaders(
                headers.get(WeirHeaders.PROVIDER, "").intern(),
                headers.get(WeirHeaders.REQUEST_ID, ""),
                (int) attempts,
                price,
                headers.get(WeirHeaders.EPOCH, ""),
                (int) congestion,
                number(headers.get(WeirHeaders.RETRY_AFTER_MILLIS)),
                missing);
    }

    /** The headers, checked against who answered: a provider's name that is not the one that answered is as good as none. */
    SeenHeaders checkedAgainst(String answeredBy) {
        return provider.isEmpty() || provider.equals(answeredBy)
                ? this
                : new SeenHeaders("", requestId, attempts, price, epoch, congestion, retryAfterMillis, missing + 1);
    }

    private static long number(@org.jspecify.annotations.Nullable String text) {
        if (text == null
                || text.isEmpty()
                || text.length() > 18
                || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        return Long.parseLong(text);
    }
}
