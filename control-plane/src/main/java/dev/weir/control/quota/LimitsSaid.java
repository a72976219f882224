package dev.weir.control.quota;

import dev.weir.weights.quota.QuotaReport;
import java.util.List;

/**
 * What an answer said of its provider's quotas.
 *
 * @param reports at most one per unit
 * @param retryAfterSeconds after which another request may be served, {@link QuotaReport#UNSAID} = not said
 * @param ignored values that could not be, or contradicted others
 */
public record LimitsSaid(List<QuotaReport> reports, double retryAfterSeconds, int ignored) {
    /** Nothing. */
    public static final LimitsSaid NOTHING = new LimitsSaid(List.of(), QuotaReport.UNSAID, 0);
}
