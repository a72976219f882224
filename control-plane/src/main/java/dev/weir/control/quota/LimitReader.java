package dev.weir.control.quota;

import static dev.weir.weights.quota.QuotaReport.UNSAID;

import dev.weir.weights.quota.QuotaReport;
import dev.weir.weights.quota.QuotaUnit;
import dev.weir.xds.wire.LimitHeader;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Reads what an answer said of its provider's quotas, in all dialects. Never throws.
 *
 * <p>What is no count, negative or beyond {@link #MAX_UNITS}, and times in the past or more than a month away, are as if they were not said.
 * More remaining than the limit: nothing of that quota counts. Of two dialects that speak of the same unit the first counts: the headers of
 * OpenAI and Anthropic, then those that name their window, the IETF's fields, and its older three headers. Each value that is ignored for one
 * of these is counted.
 */
public final class LimitReader {
    /** Most units that a limit is believed to have. */
    static final long MAX_UNITS = 1_000_000_000_000L;

    private static final double MINUTE = 60;
    private static final double DAY = 86_400;

    private final Map<LimitHeader, String> values;
    private final long nowMillis;
    private final Map<QuotaUnit, QuotaReport> reports = new EnumMap<>(QuotaUnit.class);
    private int ignored;

    private LimitReader(Map<LimitHeader, String> values, long nowMillis) {
        this.values = values;
        this.nowMillis = nowMillis;
    }

    /** @param nowMillis wall clock when the answer came, milliseconds since 1970 */
    public static LimitsSaid read(Map<LimitHeader, String> values, long nowMillis) {
        return values.isEmpty() ? LimitsSaid.NOTHING : new LimitReader(values, nowMillis).read();
    }

    private LimitsSaid read() {
        three(
                QuotaUnit.REQUESTS,
                LimitHeader.LIMIT_REQUESTS,
                LimitHeader.REMAINING_REQUESTS,
                LimitHeader.RESET_REQUESTS,
                UNSAID);
        three(
                QuotaUnit.TOKENS,
                LimitHeader.LIMIT_TOKENS,
                LimitHeader.REMAINING_TOKENS,
                LimitHeader.RESET_TOKENS,
                UNSAID);
        three(
                QuotaUnit.INPUT_TOKENS,
                LimitHeader.LIMIT_INPUT_TOKENS,
                LimitHeader.REMAINING_INPUT_TOKENS,
                LimitHeader.RESET_INPUT_TOKENS,
                UNSAID);
        three(
                QuotaUnit.OUTPUT_TOKENS,
                LimitHeader.LIMIT_OUTPUT_TOKENS,
                LimitHeader.REMAINING_OUTPUT_TOKENS,
                LimitHeader.RESET_OUTPUT_TOKENS,
                UNSAID);
        three(
                QuotaUnit.TOKENS,
                LimitHeader.LIMIT_TOKENS_MINUTE,
                LimitHeader.REMAINING_TOKENS_MINUTE,
                LimitHeader.RESET_TOKENS_MINUTE,
                MINUTE);
        three(
                QuotaUnit.REQUESTS,
                LimitHeader.LIMIT_REQUESTS_DAY,
                LimitHeader.REMAINING_REQUESTS_DAY,
                LimitHeader.RESET_REQUESTS_DAY,
                DAY);
        structured();
        three(QuotaUnit.REQUESTS, LimitHeader.LIMIT, LimitHeader.REMAINING, LimitHeader.RESET, UNSAID);
        return new LimitsSaid(List.copyOf(reports.values()), retryAfter(), ignored);
    }

    private void three(QuotaUnit unit, LimitHeader limit, LimitHeader remaining, LimitHeader reset, double window) {
        take(unit, count(values.get(limit)), count(values.get(remaining)), time(values.get(reset)), window);
    }

    /** The IETF's fields: policies by name, and what is left of each. */
    private void structured() {
        Map<String, StructuredField> policies = new HashMap<>();
        for (StructuredField policy : fields(LimitHeader.RATE_LIMIT_POLICY)) {
            policies.putIfAbsent(policy.name(), policy);
        }
        List<StructuredField> left = fields(LimitHeader.RATE_LIMIT);
        QuotaReport tightest = null;
        boolean named = false;
        for (StructuredField field : left) {
            if (field.parameters().containsKey("r")) {
                named = true;
                QuotaReport report = report(policies.get(field.name()), field);
                if (report != null && (tightest == null || report.remaining() < tightest.remaining())) {
                    tightest = report;
                }
            }
        }
        if (tightest != null) {
            take(
                    tightest.unit(),
                    tightest.limit(),
                    tightest.remaining(),
                    tightest.resetSeconds(),
                    tightest.windowSeconds());
        } else if (!named) {
            older(left, policies);
        }
    }

    /** Null = it is of what is no request. */
    private @Nullable QuotaReport report(@Nullable StructuredField policy, StructuredField left) {
        Map<String, String> said = policy == null ? Map.of() : policy.parameters();
        if (!said.getOrDefault("qu", "requests").equals("requests")) {
            return null;
        }
        return new QuotaReport(
                QuotaUnit.REQUESTS,
                count(said.get("q")),
                count(left.parameters().get("r")),
                time(left.parameters().get("t")),
                time(said.get("w")));
    }

    /** {@code limit=100, remaining=50, reset=5}, and policies alone: {@code 100;w=60} or {@code "name";q=100;w=60}. */
    private void older(List<StructuredField> left, Map<String, StructuredField> policies) {
        Map<String, String> pairs = new HashMap<>();
        for (StructuredField field : left) {
            int equals = field.name().indexOf('=');
            if (equals > 0) {
                pairs.put(
                        field.name().substring(0, equals).strip(),
                        field.name().substring(equals + 1).strip());
            }
        }
        long limit = count(pairs.get("limit"));
        double window = UNSAID;
        for (StructuredField policy : policies.values()) {
            Map<String, String> said = policy.parameters();
            if (said.containsKey("w") && said.getOrDefault("qu", "requests").equals("requests")) {
                long quota = count(said.getOrDefault("q", policy.name()));
                if (limit == UNSAID || limit == quota) {
                    limit = quota;
                    window = time(said.get("w"));
                }
            }
        }
        take(QuotaUnit.REQUESTS, limit, count(pairs.get("remaining")), time(pairs.get("reset")), window);
    }

    private List<StructuredField> fields(LimitHeader header) {
        String text = values.get(header);
        return text == null ? List.of() : StructuredField.list(text);
    }

    private void take(QuotaUnit unit, long limit, long remaining, double reset, double window) {
        if (limit == UNSAID && remaining == UNSAID) {
            return;
        }
        QuotaReport before = reports.get(unit);
        if (before != null) {
            boolean same = (limit == UNSAID || limit == before.limit())
                    && (remaining == UNSAID || remaining == before.remaining());
            ignored += same ? 0 : 1;
        } else if (limit == 0 || (limit != UNSAID && remaining > limit)) {
            ignored++;
        } else {
            reports.put(unit, new QuotaReport(unit, limit, remaining, reset, window > 0 ? window : UNSAID));
        }
    }

    private double retryAfter() {
        String millis = values.get(LimitHeader.RETRY_AFTER_MILLIS);
        double precise = millis == null ? UNSAID : orIgnored(Times.millis(millis));
        return precise != UNSAID ? precise : time(values.get(LimitHeader.RETRY_AFTER));
    }

    private double time(@Nullable String text) {
        return text == null ? UNSAID : orIgnored(Times.seconds(text, nowMillis));
    }

    private double orIgnored(OptionalDouble value) {
        ignored += value.isPresent() ? 0 : 1;
        return value.orElse(UNSAID);
    }

    private long count(@Nullable String text) {
        if (text == null) {
            return UNSAID;
        }
        boolean digits = !text.isEmpty() && text.length() <= 13 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        long value = digits ? Long.parseLong(text) : UNSAID;
        if (value < 0 || value > MAX_UNITS) {
            ignored++;
            return UNSAID;
        }
        return value;
    }
}
