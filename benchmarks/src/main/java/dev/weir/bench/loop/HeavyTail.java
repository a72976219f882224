package dev.weir.bench.loop;

import dev.weir.bench.Figure;
import java.util.List;

/** Long jobs of very unequal sizes: a queue for all is then as good as the best choice of a queue. */
final class HeavyTail implements Experiment {
    private static final double LOAD = 0.95;
    private static final double MAX_P99 = 1;
    private static final double MAX_MEAN = 1.04;

    private final Staging staging;

    HeavyTail(Settings settings) {
        Plant plant = Plant.five(settings.sidecars()).withServers(server -> server.slower(10));
        double load = settings.loadOr(LOAD);
        this.staging = new Staging(
                settings,
                List.of(Policy.JSQ, Policy.POOLED),
                load,
                plant,
                new Demand(List.of(new Demand.Phase(0, load * plant.capacity())), Sizes.LOGNORMAL, List.of(1.0)),
                List.of());
    }

    @Override
    public String title() {
        return "services of half a second on average, lognormal sizes (cv^2 = 4)";
    }

    @Override
    public List<Trial> trials() {
        return staging.trials();
    }

    @Override
    public List<Figure> figures(List<Reading> readings) {
        Table table = Table.of(readings);
        Table.Line pooled = table.line(Policy.POOLED.label(), staging.load());
        Table.Line jsq = table.line(Policy.JSQ.label(), staging.load());
        if (pooled.readings().isEmpty() || jsq.readings().isEmpty()) {
            return List.of();
        }
        return List.of(
                new Figure(
                        "p99 wait of pooled over JSQ",
                        Table.ratio(pooled.readings(), jsq.readings(), Row::p99Wait),
                        MAX_P99,
                        "x"),
                new Figure(
                        "mean wait of pooled over JSQ",
                        Table.ratio(pooled.readings(), jsq.readings(), Row::meanWait),
                        MAX_MEAN,
                        "x"),
                Staging.failures(pooled));
    }
}
