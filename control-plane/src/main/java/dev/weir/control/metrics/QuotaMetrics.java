package dev.weir.control.metrics;

import dev.weir.control.model.Image;
import dev.weir.control.model.Publisher;
import dev.weir.control.quota.QuotaListener;
import dev.weir.control.quota.QuotaState;
import dev.weir.weights.quota.QuotaReport;
import dev.weir.weights.quota.RefusalKind;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Shows what is learnt of providers' quotas, as of the last tick. Labels are providers and models that the configuration names, units and kinds.
 */
public final class QuotaMetrics implements QuotaListener {
    private final MeterRegistry registry;
    private final MultiGauge limits;
    private final MultiGauge remaining;
    private final MultiGauge rates;
    private final MultiGauge pauses;

    public QuotaMetrics(MeterRegistry registry) {
        this.registry = registry;
        limits = gauge(MetricNames.QUOTA_LIMIT, "units", "units per window, as told, or assumed since a refusal");
        remaining = gauge(MetricNames.QUOTA_REMAINING, "units", "as the provider said last");
        rates = gauge(
                MetricNames.QUOTA_RATE, "units.per.second", "at which the limit can be used up without a refusal");
        pauses = gauge(MetricNames.QUOTA_PAUSE, "seconds", "for which it should be left alone after a refusal");
    }

    /** Publishes with each tick what {@code states} says then. */
    public Publisher publisher(Supplier<List<QuotaState>> states) {
        return (Image image, boolean released) -> update(states.get());
    }

    private void update(List<QuotaState> states) {
        List<Row<?>> limit = new ArrayList<>();
        List<Row<?>> left = new ArrayList<>();
        List<Row<?>> rate = new ArrayList<>();
        List<Row<?>> pause = new ArrayList<>();
        for (QuotaState state : states) {
            Tags tags = Tags.of("provider", state.provider(), "model", state.model());
            pause.add(Row.of(tags, state.pauseSeconds()));
            for (QuotaState.Unit unit : state.units()) {
                Tags own = tags.and("unit", unit.unit().name().toLowerCase(Locale.ROOT));
                if (!Double.isInfinite(unit.limit())) {
                    limit.add(Row.of(own, unit.limit()));
                    rate.add(Row.of(own, unit.ratePerSecond()));
                }
                if (unit.remaining() != QuotaReport.UNSAID) {
                    left.add(Row.of(own, unit.remaining()));
                }
            }
        }
        limits.register(limit, true);
        rates.register(rate, true);
        remaining.register(left, true);
        pauses.register(pause, true);
    }

    @Override
    public void refused(String provider, RefusalKind kind) {
        registry.counter(
                        MetricNames.REFUSALS,
                        "provider",
                        provider,
                        "kind",
                        kind.name().toLowerCase(Locale.ROOT))
                .increment();
    }

    @Override
    public void ignored(String provider, int values) {
        registry.counter(MetricNames.QUOTA_IGNORED, "provider", provider).increment(values);
    }

    private MultiGauge gauge(String name, String unit, String help) {
        return MultiGauge.builder(name).description(help).baseUnit(unit).register(registry);
    }
}
