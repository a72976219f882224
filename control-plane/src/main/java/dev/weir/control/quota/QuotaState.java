package dev.weir.control.quota;

import dev.weir.weights.quota.QuotaUnit;
import dev.weir.weights.quota.RefusalKind;
import java.util.List;
import java.util.Map;

/**
 * What was learnt of the quotas of one provider's credential for one model.
 *
 * @param provider its name
 * @param model its name there, "" = any of a pool that has several
 * @param units at most one per unit that was spoken of; requests always
 * @param pauseSeconds how long it should be left alone after a refusal, 0 = not now
 * @param refusals since the start, by kind
 */
public record QuotaState(
        String provider, String model, List<Unit> units, double pauseSeconds, Map<RefusalKind, Long> refusals) {
    /**
     * One quota.
     *
     * @param limit units per window, infinite = none is known
     * @param told whether the provider told it; otherwise it is assumed since a refusal
     * @param remaining as the provider said last, {@link dev.weir.weights.quota.QuotaReport#UNSAID} = it never did
     * @param saidSecondsAgo how long ago it said so, not a number = never
     * @param ratePerSecond units at which the limit can be used up without a refusal, infinite = none is known
     */
    public record Unit(
            QuotaUnit unit,
            double limit,
            boolean told,
            double windowSeconds,
            long remaining,
            double saidSecondsAgo,
            double ratePerSecond) {}
}
