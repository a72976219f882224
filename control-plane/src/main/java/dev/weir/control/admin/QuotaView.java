package dev.weir.control.admin;

import dev.weir.control.quota.QuotaState;
import dev.weir.weights.quota.QuotaReport;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was learnt of a provider's quotas for one model.
 *
 * @param model its name there, absent = any of a pool that has several
 * @param pauseSeconds for which it should be left alone after a refusal, 0 = not now
 * @param refusals since the start, by kind: {@code rate}, {@code quota}, {@code request}, {@code overloaded}
 */
record QuotaView(@Nullable String model, double pauseSeconds, Map<String, Long> refusals, List<UnitView> units) {
    /**
     * @param limit units per window, absent = none is known
     * @param source {@code told}, or {@code assumed} since a refusal; absent without a limit
     * @param remaining as the provider said last, absent = never
     * @param remainingAgeSeconds since then
     * @param pacedPerSecond units at which the limit can be used up without a refusal
     */
    record UnitView(
            String unit,
            @Nullable Double limit,
            @Nullable String source,
            double windowSeconds,
            @Nullable Long remaining,
            @Nullable Double remainingAgeSeconds,
            @Nullable Double pacedPerSecond) {}

    static List<QuotaView> of(List<QuotaState> states, String provider) {
        return states.stream()
                .filter(state -> state.provider().equals(provider))
                .map(QuotaView::of)
                .toList();
    }

    private static QuotaView of(QuotaState state) {
        Map<String, Long> refusals = new TreeMap<>();
        state.refusals().forEach((kind, count) -> refusals.put(kind.name().toLowerCase(Locale.ROOT), count));
        return new QuotaView(
                state.model().isEmpty() ? null : state.model(),
                state.pauseSeconds(),
                refusals,
                state.units().stream().map(QuotaView::unit).toList());
    }

    private static UnitView unit(QuotaState.Unit unit) {
        boolean limited = !Double.isInfinite(unit.limit());
        boolean said = unit.remaining() != QuotaReport.UNSAID;
        return new UnitView(
                unit.unit().name().toLowerCase(Locale.ROOT),
                limited ? unit.limit() : null,
                limited ? (unit.told() ? "told" : "assumed") : null,
                unit.windowSeconds(),
                said ? unit.remaining() : null,
                said ? unit.saidSecondsAgo() : null,
                limited ? unit.ratePerSecond() : null);
    }
}
