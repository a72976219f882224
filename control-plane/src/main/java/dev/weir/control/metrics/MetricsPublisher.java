package dev.weir.control.metrics;

import dev.weir.control.model.Decision;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Image;
import dev.weir.control.model.Publisher;
import dev.weir.weights.Proposal.Cause;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Measures the loop and the mesh. {@code docs/metrics.md} lists the names. */
public final class MetricsPublisher implements Publisher {
    private final MeterRegistry registry;
    private final LongSupplier wallMillis;
    private final MeshGauges gauges;
    private final Timer ticks;
    private final Map<Cause, Counter> releases = new EnumMap<>(Cause.class);
    private final AtomicInteger configProblems = new AtomicInteger();
    private volatile @Nullable Image newest;

    /**
     * @param registry where the meters are
     * @param latencies latency per provider
     * @param wallMillis wall clock
     */
    public MetricsPublisher(MeterRegistry registry, Latencies latencies, LongSupplier wallMillis) {
        this.registry = registry;
        this.wallMillis = wallMillis;
        this.gauges = new MeshGauges(registry, latencies);
        for (Cause cause : Cause.values()) {
            releases.put(
                    cause,
                    Counter.builder(MetricNames.RELEASES)
                            .description("decisions released; one with several causes counts under each")
                            .tag("cause", cause.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
        ticks = Timer.builder(MetricNames.TICK)
                .description("one turn of the loop; its count is that of ticks")
                .publishPercentiles(0.5, 0.99)
                .register(registry);
        decision(
                MetricNames.EPOCH_TERM,
                null,
                "term of the decision in force",
                d -> d.epoch().term());
        decision(
                MetricNames.EPOCH_SEQUENCE,
                null,
                "sequence of the decision in force",
                d -> d.epoch().sequence());
        decision(
                MetricNames.DECISION_AGE,
                "seconds",
                "since the decision in force was released",
                d -> age(d.atMillis()));
        declarations(
                MetricNames.CHAIN_HEAD,
                null,
                "newest confirmed block",
                d -> d.head().map(block -> (double) block.number()).orElse(Double.NaN));
        declarations(
                MetricNames.CHAIN_AGE,
                "seconds",
                "since the source of declarations last answered",
                d -> d.confirmedAtMillis() <= 0 || d.source().equals("file") ? Double.NaN : age(d.confirmedAtMillis()));
        declarations(
                MetricNames.CHAIN_PROBLEM,
                null,
                "1 while the source of declarations does not answer",
                d -> d.problem().isPresent() ? 1 : 0);
        Gauge.builder(MetricNames.CONFIG_PROBLEMS, configProblems::get)
                .description("objects and fields of the configuration that are refused now")
                .register(registry);
    }

    @Override
    public void publish(Image image, boolean released) {
        newest = image;
        gauges.update(image);
        if (released) {
            image.decision()
                    .ifPresent(decision -> decision.proposal()
                            .release()
                            .causes()
                            .forEach(cause -> {
                                Counter counter = releases.get(cause);
                                if (counter != null) {
                                    counter.increment();
                                }
                            }));
        }
    }

    /** Measures a turn of the loop that took {@code nanos}. */
    public void ticked(long nanos) {
        ticks.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Counts a reading of the configuration that found {@code problems}. May be called on any thread. */
    public void configured(int problems) {
        configProblems.set(problems);
        registry.counter(MetricNames.CONFIG_RELOADS, "result", problems == 0 ? "good" : "problems")
                .increment();
    }

    /** Shows the length of a queue; {@code name} is a short fixed word. */
    public void queue(String name, Supplier<Number> length) {
        Gauge.builder(MetricNames.QUEUE, length)
                .description("what waits in a queue")
                .tag("queue", name)
                .register(registry);
    }

    /** Shows what was lost, clipped or failed since the start; {@code what} is a short fixed word. */
    public void lost(String what, Supplier<Number> sinceStart) {
        counter(
                MetricNames.LOST,
                "what was lost, clipped or failed; a healthy mesh stays at 0",
                "what",
                what,
                sinceStart);
    }

    /** Shows the chain's reorganisations since the start; {@code depth} is a short fixed word. */
    public void reorganisations(String depth, Supplier<Number> sinceStart) {
        counter(
                MetricNames.REORGANISATIONS,
                "reorganisations of the chain; deep ones took confirmed blocks back",
                "depth",
                depth,
                sinceStart);
    }

    /** Shows the database's disk: whether records wait because it is full, and bytes free and in reserve. */
    public void store(BooleanSupplier full, Supplier<Number> free, Supplier<Number> reserved) {
        Gauge.builder(MetricNames.STORE_FULL, () -> full.getAsBoolean() ? 1 : 0)
                .description("1 while the disk is full and records wait in the sidecars' files")
                .register(registry);
        Gauge.builder(MetricNames.STORE_FREE, free)
                .description("bytes free on the database's disk")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder(MetricNames.STORE_RESERVED, reserved)
                .description("bytes in reserve on the database's disk")
                .baseUnit("bytes")
                .register(registry);
    }

    /** Shows rows that the ledger ever had; {@code kind} is {@code call} or {@code attempt}. */
    public void ledgerRows(String kind, Supplier<Number> rows) {
        Gauge.builder(MetricNames.LEDGER_ROWS, rows)
                .description("rows that the ledger ever had")
                .tag("kind", kind)
                .register(registry);
    }

    /** Shows calls that no file has confirmed though it should have by now. */
    public void unconfirmed(Supplier<Number> calls) {
        Gauge.builder(MetricNames.UNCONFIRMED, calls)
                .description("calls of the last hour that no file has confirmed for 60 s")
                .register(registry);
    }

    /** Shows how many sidecars are connected. */
    public void sidecars(Supplier<Number> connected) {
        Gauge.builder(MetricNames.SIDECARS, connected)
                .description("sidecars with a discovery stream")
                .register(registry);
    }

    /**
     * Registers a counter. A meter holds what it reads weakly, and a collected supplier stands still: so it is held by the
     * function instead.
     */
    private void counter(String name, String help, String tag, String value, Supplier<Number> sinceStart) {
        FunctionCounter.builder(name, registry, any -> sinceStart.get().doubleValue())
                .description(help)
                .tag(tag, value)
                .register(registry);
    }

    /** Shows how many node ids several sidecars say. */
    public void sharedIds(Supplier<Number> shared) {
        Gauge.builder(MetricNames.SHARED_IDS, shared)
                .description("node ids that several connected sidecars say; for a moment while one reconnects")
                .register(registry);
    }

    /** Shows how many resources connected sidecars refuse now. */
    public void refusals(Supplier<Number> refused) {
        Gauge.builder(MetricNames.XDS_REFUSALS, refused)
                .description("resources that connected sidecars refuse now, each counted once per sidecar")
                .register(registry);
    }

    private double age(long millis) {
        return Math.max(0, wallMillis.getAsLong() - millis) / 1000.0;
    }

    private void decision(String name, @Nullable String unit, String help, ToDoubleFunction<Decision> value) {
        gauge(
                name,
                unit,
                help,
                image -> image.decision().map(value::applyAsDouble).orElse(Double.NaN));
    }

    private void declarations(String name, @Nullable String unit, String help, ToDoubleFunction<Declarations> value) {
        gauge(name, unit, help, image -> value.applyAsDouble(image.declarations()));
    }

    private void gauge(String name, @Nullable String unit, String help, ToDoubleFunction<Image> value) {
        Supplier<Number> number = () -> {
            Image image = newest;
            return image == null ? Double.NaN : value.applyAsDouble(image);
        };
        Gauge.Builder<Supplier<Number>> builder = Gauge.builder(name, number).description(help);
        (unit == null ? builder : builder.baseUnit(unit)).register(registry);
    }
}
