package dev.weir.control.metrics;

import dev.weir.control.model.Config;
import dev.weir.control.pick.PickListener;
import dev.weir.control.pick.Picker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Counts what becomes of checks. Labels are pools and outcomes. */
public final class PickMetrics implements PickListener {
    private static final String CHECKS = "weir.checks";
    private static final String HELD = "weir.checks.held";
    private static final String HOLD = "weir.checks.hold.duration";
    private static final String GRANTS = "weir.grants";
    private static final String DROPPED = "weir.grants.dropped";
    private static final String LAG = "weir.release.lag";
    private static final String ANSWER = "weir.check.answer";

    private final MeterRegistry registry;
    private final Counter dropped;
    /** Meters are looked up here, as each check counts: a registry makes a key for each look. */
    private final Map<String, Map<Outcome, Counter>> checks = new ConcurrentHashMap<>();

    private final Map<String, Timer> holds = new ConcurrentHashMap<>();

    public PickMetrics(MeterRegistry registry) {
        this.registry = registry;
        dropped = Counter.builder(DROPPED)
                .description("grants dropped because no sidecar had them: lost records, clients that left")
                .register(registry);
    }

    /** Shows what waits and what is granted; {@code config} names the pools. */
    public static void gauges(MeterRegistry registry, Picker picker, Supplier<Config> config) {
        Gauge.builder(
                        HELD,
                        () -> config.get().pools().keySet().stream()
                                .mapToInt(picker::waiting)
                                .sum())
                .description("checks that wait for room")
                .register(registry);
        Gauge.builder(GRANTS, picker::grants)
                .description("requests that were granted and have not ended")
                .register(registry);
        Gauge.builder(LAG, picker::lagSeconds)
                .baseUnit("seconds")
                .description("from an attempt's end to its being known, mean")
                .register(registry);
        Gauge.builder(ANSWER, picker::answerSeconds)
                .baseUnit("seconds")
                .description("what an answer to a check takes, as sidecars see it, without being held; mean")
                .register(registry);
    }

    @Override
    public void checked(String pool, Outcome outcome) {
        checks.computeIfAbsent(pool, name -> new ConcurrentHashMap<>())
                .computeIfAbsent(outcome, each -> check(pool, each))
                .increment();
    }

    private Counter check(String pool, Outcome outcome) {
        return registry.counter(CHECKS, "pool", pool, "outcome", outcome.name().toLowerCase(Locale.ROOT));
    }

    @Override
    public void held(String pool, long nanos) {
        holds.computeIfAbsent(pool, this::hold).record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer hold(String pool) {
        return Timer.builder(HOLD)
                .description("how long checks waited for room")
                .publishPercentiles(0.5, 0.99)
                .tag("pool", pool)
                .register(registry);
    }

    @Override
    public void dropped(int grants) {
        dropped.increment(grants);
    }
}
