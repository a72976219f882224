package dev.weir.control.testbed.load;

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
public record WeirHeaders(
        String provider,
        String requestId,
        int attempts,
        long price,
        String epoch,
        int congestion,
        long retryAfterMillis,
        int missing) {
    static final List<String> NAMES = List.of(
            "weir-provider",
            "weir-price",
            "weir-price-epoch",
            "weir-epoch",
            "weir-congestion",
            "weir-attempts",
            "x-request-id");

    static final WeirHeaders NONE = new WeirHeaders("", "", -1, -1, "", -1, -1, NAMES.size());

    static WeirHeaders of(HttpHeaders headers) {
        long attempts = number(headers.get("weir-attempts"));
        long price = number(headers.get("weir-price"));
        long congestion = number(headers.get("weir-congestion"));
        int missing = (attempts < 0 ? 1 : 0)
                + (price < 0 ? 1 : 0)
                + (congestion < 0 || congestion > 100 ? 1 : 0)
                + (number(headers.get("weir-price-epoch")) < 0 ? 1 : 0);
        for (String name : List.of("weir-provider", "weir-epoch", "x-request-id")) {
            missing += headers.get(name, "").isEmpty() ? 1 : 0;
        }
        return new WeirHeaders(
                headers.get("weir-provider", "").intern(),
                headers.get("x-request-id", ""),
                (int) attempts,
                price,
                headers.get("weir-epoch", ""),
                (int) congestion,
                number(headers.get("retry-after-ms")),
                missing);
    }

    /** A provider's name that is not the one that answered is as good as none. */
    WeirHeaders checkedAgainst(String answeredBy) {
        return provider.isEmpty() || provider.equals(answeredBy)
                ? this
                : new WeirHeaders("", requestId, attempts, price, epoch, congestion, retryAfterMillis, missing + 1);
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
