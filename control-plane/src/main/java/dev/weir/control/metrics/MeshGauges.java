package dev.weir.control.metrics;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.weir.control.metrics.Latencies.Latency;
import dev.weir.control.model.Image;
import dev.weir.control.model.Provider;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.Member;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.weights.Proposal.ProviderState;
import dev.weir.weights.Proposal.Status;
import dev.weir.weights.bounce.SideLimits;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Gauges per pool, per provider and per (pool, provider). A scrape reads the newest image; series are made and dropped only
 * when the names change, so a removed provider leaves none behind. Their number is that of configured names.
 */
final class MeshGauges {
    private final MeterRegistry registry;
    private final Latencies latencies;
    private final Map<MultiGauge, ToDoubleFunction<PoolProposal>> pools = new HashMap<>();
    private final Map<MultiGauge, ToDoubleFunction<ProviderState>> providers = new HashMap<>();
    private final MultiGauge weights;
    private final MultiGauge statuses;
    private final MultiGauge latency;
    private final MultiGauge limits;
    private final MultiGauge handedOver;
    private volatile @Nullable Image newest;

    @GuardedBy("this")
    private Map<String, Latency> lastLatencies = Map.of();

    @GuardedBy("this")
    private long latenciesTick = -1;

    private @Nullable Names registered;

    private record Names(List<String> providers, Map<String, List<String>> members, List<String> sides) {
        static Names of(Image image) {
            Map<String, List<String>> members = new HashMap<>();
            for (PoolProposal pool : image.proposal().pools()) {
                members.put(
                        pool.id(), pool.members().stream().map(Member::provider).toList());
            }
            return new Names(
                    image.proposal().providers().stream().map(ProviderState::id).toList(),
                    members,
                    image.config().providers().values().stream()
                            .filter(provider -> provider.proxy().isPresent())
                            .map(Provider::name)
                            .toList());
        }
    }

    MeshGauges(MeterRegistry registry, Latencies latencies) {
        this.registry = registry;
        this.latencies = latencies;
        pool(MetricNames.POOL_DEMAND, "units.per.second", "offered work units per second", PoolProposal::demand);
        pool(
                MetricNames.POOL_UTILISATION,
                "ratio",
                "utilisation; 1 = all that its providers can do",
                PoolProposal::utilisation);
        pool(MetricNames.POOL_CONGESTION, null, "published congestion, 0-100", PoolProposal::congestion);
        pool(MetricNames.POOL_PRICE, null, "published price, atomic units per 1000 work units", PoolProposal::price);
        pool(MetricNames.POOL_LEVEL, "seconds", "common expected drain time", PoolProposal::levelSeconds);
        provider(
                MetricNames.PROVIDER_DECLARED,
                "units.per.second",
                "declared work units per second",
                ProviderState::declaredCapacity);
        provider(
                MetricNames.PROVIDER_TRUSTED,
                "units.per.second",
                "trusted work units per second",
                ProviderState::trustedCapacity);
        provider(MetricNames.PROVIDER_SLOTS, null, "requests that it serves at once", ProviderState::slots);
        provider(MetricNames.PROVIDER_IN_FLIGHT, null, "requests in flight", ProviderState::inFlight);
        provider(
                MetricNames.PROVIDER_BACKLOG,
                "units",
                "work beyond its free slots; negative = free slots",
                ProviderState::backlog);
        provider(
                MetricNames.PROVIDER_COMPLETIONS,
                "requests.per.second",
                "completed requests per second, smoothed",
                ProviderState::completionRate);
        weights = gauge(MetricNames.WEIGHT, "ratio", "share of the pool's first attempts, in force");
        statuses = gauge(MetricNames.PROVIDER_STATUS, null, "1 for the status that it has");
        limits = gauge(MetricNames.SIDE_LIMIT, null, "requests in flight that the provider's side takes");
        handedOver = gauge(
                MetricNames.POOL_HANDED_OVER,
                null,
                "1 while a governed pool goes by its split, as checks take too long");
        latency = gauge(MetricNames.PROVIDER_LATENCY, "seconds", "of completed attempts over the last 10 s");
    }

    /** Takes the newest image. Called by the loop's thread. */
    void update(Image image) {
        newest = image;
        Names names = Names.of(image);
        if (!names.equals(registered)) {
            registered = names;
            register(names);
        }
    }

    private void register(Names names) {
        pools.forEach((gauge, value) ->
                gauge.register(rows(names.members.keySet(), "pool", id -> pool(id, value)), true));
        providers.forEach((gauge, value) ->
                gauge.register(rows(names.providers, "provider", id -> provider(id, value)), true));
        handedOver.register(rows(names.members.keySet(), "pool", this::handedOver), true);
        List<Row<?>> shares = new ArrayList<>();
        names.members.forEach((pool, members) ->
                members.forEach(member -> shares.add(Row.of(Tags.of("pool", pool, "provider", member), () -> {
                    Image image = newest;
                    return image == null ? Double.NaN : share(image, pool, member);
                }))));
        weights.register(shares, true);
        List<Row<?>> states = new ArrayList<>();
        List<Row<?>> quantiles = new ArrayList<>();
        for (String id : names.providers) {
            for (Status status : Status.values()) {
                Tags tags = Tags.of("provider", id, "status", status.name().toLowerCase(Locale.ROOT));
                states.add(Row.of(tags, () -> provider(id, state -> state.status() == status ? 1 : 0)));
            }
            quantiles.add(Row.of(Tags.of("provider", id, "quantile", "0.5"), () -> latency(id, Latency::p50Millis)));
            quantiles.add(Row.of(Tags.of("provider", id, "quantile", "0.99"), () -> latency(id, Latency::p99Millis)));
        }
        List<Row<?>> most = new ArrayList<>();
        for (String id : names.sides) {
            most.add(Row.of(Tags.of("provider", id, "attempts", "first"), () -> limit(id, SideLimits::first)));
            most.add(Row.of(Tags.of("provider", id, "attempts", "further"), () -> limit(id, SideLimits::further)));
        }
        limits.register(most, true);
        statuses.register(states, true);
        latency.register(quantiles, true);
    }

    private interface Value {
        double of(String id);
    }

    private static List<Row<?>> rows(Iterable<String> ids, String label, Value value) {
        List<Row<?>> rows = new ArrayList<>();
        for (String id : ids) {
            Supplier<Number> number = () -> value.of(id);
            rows.add(Row.of(Tags.of(label, id), number));
        }
        return rows;
    }

    private double pool(String id, ToDoubleFunction<PoolProposal> value) {
        Image image = newest;
        PoolProposal pool = image == null ? null : image.proposal().pool(id).orElse(null);
        return pool == null ? Double.NaN : value.applyAsDouble(pool);
    }

    private double provider(String id, ToDoubleFunction<ProviderState> value) {
        Image image = newest;
        ProviderState provider =
                image == null ? null : image.proposal().provider(id).orElse(null);
        return provider == null ? Double.NaN : value.applyAsDouble(provider);
    }

    /** The one in force, 0 where there is none. */
    private static double share(Image image, String pool, String provider) {
        int weight = image.decision()
                .flatMap(decision -> decision.proposal().pool(pool))
                .flatMap(decided -> decided.member(provider))
                .map(Member::weight)
                .orElse(0);
        return (double) weight / Proposal.TOTAL_WEIGHT;
    }

    private double handedOver(String id) {
        Image image = newest;
        return image == null ? Double.NaN : image.handedOver().contains(id) ? 1 : 0;
    }

    private double limit(String id, ToDoubleFunction<SideLimits> value) {
        Image image = newest;
        SideLimits found = image == null ? null : image.limits().get(id);
        return found == null ? Double.NaN : value.applyAsDouble(found);
    }

    private double latency(String id, ToDoubleFunction<Latency> millis) {
        Latency found = freshLatencies().get(id);
        return found == null ? Double.NaN : millis.applyAsDouble(found) / 1000;
    }

    /** The latencies of now: one reading serves a whole scrape, as long as the loop has not turned meanwhile. */
    private synchronized Map<String, Latency> freshLatencies() {
        Image image = newest;
        if (image != null && image.tick() != latenciesTick) {
            latenciesTick = image.tick();
            lastLatencies = latencies.read();
        }
        return lastLatencies;
    }

    private void pool(String name, @Nullable String unit, String help, ToDoubleFunction<PoolProposal> value) {
        pools.put(gauge(name, unit, help), value);
    }

    private void provider(String name, @Nullable String unit, String help, ToDoubleFunction<ProviderState> value) {
        providers.put(gauge(name, unit, help), value);
    }

    private MultiGauge gauge(String name, @Nullable String unit, String help) {
        MultiGauge.Builder builder = MultiGauge.builder(name).description(help);
        return (unit == null ? builder : builder.baseUnit(unit)).register(registry);
    }
}
