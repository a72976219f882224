package dev.weir.control.quota;

import dev.weir.weights.quota.RefusalKind;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Tells the kinds of refusals for limits apart: by status, by what the body calls it, by what else the answer says.
 *
 * <p>OpenAI says {@code insufficient_quota} for credit that is used up and {@code rate_limit_exceeded} for the minute's limits, Anthropic {@code
 * rate_limit_error}, {@code billing_error} (402) and {@code overloaded_error} (529), Gemini {@code RESOURCE_EXHAUSTED}, OpenRouter 402 for
 * credits, Groq 413 for a request above the minute's tokens and 498 for flex capacity.
 */
public final class Refusals {
    /** What is not over within an hour is no matter of pace. */
    private static final double LONG_SECONDS = 3_600;

    private static final List<String> TOO_LARGE = List.of("too_large", "too_long", "context_length");
    private static final List<String> USED_UP = List.of(
            "insufficient_quota",
            "billing",
            "credit",
            "balance",
            "payment",
            "spend",
            "exceeded_current_quota",
            "usage_limit",
            "quota_exceeded");
    private static final List<String> BUSY = List.of("overload", "capacity", "unavailable", "server_busy");

    private Refusals() {}

    /**
     * @param status of the answer
     * @param called {@code type/code} of the error, "" = not known
     * @param said of limits, in the same answer
     * @return empty = it is no refusal for a limit
     */
    public static Optional<RefusalKind> kind(int status, String called, LimitsSaid said) {
        String words = called.toLowerCase(Locale.ROOT);
        return switch (status) {
            case 402 -> Optional.of(RefusalKind.QUOTA);
            case 403 -> holds(words, USED_UP) ? Optional.of(RefusalKind.QUOTA) : Optional.empty();
            case 413 -> Optional.of(RefusalKind.REQUEST);
            case 429 -> Optional.of(tooMany(words, said));
            case 498, 503, 529 -> Optional.of(RefusalKind.OVERLOADED);
            default -> Optional.empty();
        };
    }

    private static RefusalKind tooMany(String words, LimitsSaid said) {
        if (holds(words, TOO_LARGE)) {
            return RefusalKind.REQUEST;
        }
        if (holds(words, USED_UP) || said.retryAfterSeconds() > LONG_SECONDS) {
            return RefusalKind.QUOTA;
        }
        if (holds(words, BUSY)) {
            return RefusalKind.OVERLOADED;
        }
        boolean limited = !said.reports().isEmpty()
                || said.retryAfterSeconds() >= 0
                || words.contains("rate")
                || words.contains("exhausted")
                || words.startsWith("tokens/")
                || words.startsWith("requests/");
        return limited ? RefusalKind.RATE : RefusalKind.OVERLOADED;
    }

    private static boolean holds(String words, List<String> any) {
        return any.stream().anyMatch(words::contains);
    }
}
