package dev.weir.xds.wire;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The headers of an answer in which providers speak of their quotas, and nothing else of it that is logged. Some carry the same
 * under two names: of an answer that has both, the first counts.
 *
 * <p>Records carry their values in this order, parted by bars, so new ones are added at the end.
 */
public enum LimitHeader {
    LIMIT_REQUESTS("x-ratelimit-limit-requests", "anthropic-ratelimit-requests-limit"),
    REMAINING_REQUESTS("x-ratelimit-remaining-requests", "anthropic-ratelimit-requests-remaining"),
    RESET_REQUESTS("x-ratelimit-reset-requests", "anthropic-ratelimit-requests-reset"),
    LIMIT_TOKENS("x-ratelimit-limit-tokens", "anthropic-ratelimit-tokens-limit"),
    REMAINING_TOKENS("x-ratelimit-remaining-tokens", "anthropic-ratelimit-tokens-remaining"),
    RESET_TOKENS("x-ratelimit-reset-tokens", "anthropic-ratelimit-tokens-reset"),
    LIMIT_INPUT_TOKENS("x-ratelimit-limit-input-tokens", "anthropic-ratelimit-input-tokens-limit"),
    REMAINING_INPUT_TOKENS("x-ratelimit-remaining-input-tokens", "anthropic-ratelimit-input-tokens-remaining"),
    RESET_INPUT_TOKENS("x-ratelimit-reset-input-tokens", "anthropic-ratelimit-input-tokens-reset"),
    LIMIT_OUTPUT_TOKENS("x-ratelimit-limit-output-tokens", "anthropic-ratelimit-output-tokens-limit"),
    REMAINING_OUTPUT_TOKENS("x-ratelimit-remaining-output-tokens", "anthropic-ratelimit-output-tokens-remaining"),
    RESET_OUTPUT_TOKENS("x-ratelimit-reset-output-tokens", "anthropic-ratelimit-output-tokens-reset"),
    /** Of a minute, by its name. */
    LIMIT_TOKENS_MINUTE("x-ratelimit-limit-tokens-minute"),
    REMAINING_TOKENS_MINUTE("x-ratelimit-remaining-tokens-minute"),
    RESET_TOKENS_MINUTE("x-ratelimit-reset-tokens-minute"),
    /** Of a day, by its name. */
    LIMIT_REQUESTS_DAY("x-ratelimit-limit-requests-day"),
    REMAINING_REQUESTS_DAY("x-ratelimit-remaining-requests-day"),
    RESET_REQUESTS_DAY("x-ratelimit-reset-requests-day"),
    /** Of requests, as older drafts of the IETF and many gateways have it. */
    LIMIT("ratelimit-limit", "x-ratelimit-limit"),
    REMAINING("ratelimit-remaining", "x-ratelimit-remaining"),
    RESET("ratelimit-reset", "x-ratelimit-reset"),
    /** The IETF's structured fields. */
    RATE_LIMIT(256, "ratelimit"),
    RATE_LIMIT_POLICY(256, "ratelimit-policy"),
    RETRY_AFTER_MILLIS(40, WeirHeaders.RETRY_AFTER_MILLIS, "x-ms-retry-after-ms"),
    RETRY_AFTER(40, WeirHeaders.RETRY_AFTER),
    /** {@code type/code} of the error in the body of a refusal, as the cluster's script read it. */
    REFUSAL(129, WeirHeaders.REFUSAL);

    /** What parts the values. */
    public static final char BAR = '|';

    private static final List<LimitHeader> ALL = List.of(values());

    private final int maxLength;
    private final String names;

    LimitHeader(String... names) {
        this(40, names);
    }

    LimitHeader(int maxLength, String... names) {
        this.maxLength = maxLength;
        this.names = String.join("?", names);
    }

    /** In the order of records. */
    public static List<LimitHeader> all() {
        return ALL;
    }

    /** Most characters of a value; a longer one is as if it were not there, as the beginning of a number is another number. */
    public int maxLength() {
        return maxLength;
    }

    /** A format string of Envoy that prints all of them, one character more of each than counts. */
    public static String format() {
        return Arrays.stream(values())
                .map(each -> "%RESP(" + each.names + "):" + (each.maxLength + 1) + "%")
                .collect(Collectors.joining(String.valueOf(BAR)));
    }
}
