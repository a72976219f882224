package dev.weir.bench.loop;

import dev.weir.bench.Figure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Every processor has a hog beside it: control plane, sidecar, providers and load get what is left, under each policy. The governed
 * pool must be no worse than its own split.
 */
final class Starved implements Experiment {
    static final String SMOOTH_AGAIN = "smooth again";
    static final String HANDED_OVER = "handed over at the end";

    private static final double LOAD = 0.9;

    /** Percent that the least lag which a pool is handed over for costs, and what the first seconds do. */
    private static final double MAX_OVER_SPLIT = 5;

    /** Hogs end before the run does, or by themselves if nobody is left to end them. */
    private static final double LAST_SECONDS = 0.3;

    private static final double MAX_DRAIN_SECONDS = 60;

    private final Settings settings;
    private final double load;
    private final Plant plant;
    private final List<Policy> policies;

    Starved(Settings settings) {
        this.settings = settings;
        this.load = settings.loadOr(LOAD);
        this.plant = Plant.five(settings.sidecars());
        this.policies = settings.policiesOr(List.of(Policy.JSQ, Policy.SMOOTH, Policy.GOVERNED));
    }

    @Override
    public String title() {
        return "a hog on every processor";
    }

    @Override
    public List<Trial> trials() {
        List<Trial> trials = new ArrayList<>();
        settings.seedNumbers().forEach(seed -> {
            policies.forEach(policy -> trials.add(trial(policy.label(), policy, seed)));
            if (policies.contains(Policy.SMOOTH)) {
                trials.add(trial(SMOOTH_AGAIN, Policy.SMOOTH, seed));
            }
        });
        return trials;
    }

    private Trial trial(String name, Policy policy, long seed) {
        double end = settings.seconds() - LAST_SECONDS;
        List<Event> events = Stream.concat(
                        Event.hogs(0, end, settings.seconds() + MAX_DRAIN_SECONDS),
                        Stream.of(new Event(end, Starved::look)))
                .toList();
        return new Trial(
                name, policy, load, plant, Demand.steady(load * plant.capacity()), events, settings.seconds(), seed);
    }

    private static void look(Event.Stand stand) {
        if (stand.mesh() instanceof WeirMesh weir) {
            stand.notes().accept(HANDED_OVER, weir.metric("weir_pool_handed_over"));
        }
    }

    @Override
    public List<Figure> figures(List<Reading> readings) {
        Table table = Table.of(readings);
        Table.Line split = table.line(Policy.SMOOTH.label(), load);
        Table.Line again = table.line(SMOOTH_AGAIN, load);
        Table.Line governed = table.line(Policy.GOVERNED.label(), load);
        List<Figure> figures = new ArrayList<>();
        if (!split.readings().isEmpty() && !governed.readings().isEmpty()) {
            double noise = Math.abs(over(again, split));
            figures.add(new Figure(
                    String.format(
                            Locale.ROOT,
                            "mean response of governed over its split's (noise %.1f %%; handed over at the end: %s)",
                            noise,
                            governed.more(HANDED_OVER) > 0 ? "yes" : "no"),
                    over(governed, split),
                    MAX_OVER_SPLIT + noise,
                    "%"));
        }
        for (Table.Line line : table.lines()) {
            if (line.policy().ours()) {
                figures.add(Staging.failures(line));
            }
        }
        return figures;
    }

    private static double over(Table.Line line, Table.Line reference) {
        return 100 * (Table.ratio(line.readings(), reference.readings(), Row::meanResponse) - 1);
    }
}
