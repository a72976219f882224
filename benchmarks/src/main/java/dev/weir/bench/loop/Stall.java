package dev.weir.bench.loop;

import dev.weir.bench.Figure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The largest provider answers nothing for 15 s and holds what it has; attempts are given up after a second. */
final class Stall implements Experiment {
    private static final String SENT = "sent into it";
    private static final double LOAD = 0.5;
    private static final double FROM_SECONDS = 12;
    private static final double TO_SECONDS = 27;
    private static final Map<Policy, Integer> MAX = Map.of(
            Policy.GOVERNED, 40, Policy.POOLED, 40, Policy.BOUNCE, 25, Policy.SMOOTH, 90, Policy.SMOOTH_FAST, 90);

    private final Staging staging;

    Stall(Settings settings) {
        Plant plant = Plant.five(settings.sidecars()).withPerTryTimeout(1000);
        double load = settings.loadOr(LOAD);
        this.staging = new Staging(
                settings,
                List.of(Policy.GOVERNED, Policy.BOUNCE, Policy.SMOOTH, Policy.WRR),
                load,
                plant,
                Demand.steady(load * plant.capacity()),
                List.of(Event.speed(FROM_SECONDS, Plant.LARGEST, 0), Event.speed(TO_SECONDS, Plant.LARGEST, 1)));
    }

    @Override
    public String title() {
        return "the largest provider (42 % of capacity) stalls for 15 s, perTryTimeout 1 s";
    }

    @Override
    public List<Trial> trials() {
        return staging.trials();
    }

    @Override
    public Map<String, Double> more(Run run) {
        return Map.of(
                SENT,
                (double) run.sentInto(Plant.LARGEST, FROM_SECONDS, TO_SECONDS),
                Staging.AT_THE_END,
                staging.backlogAtTheEnd(run));
    }

    @Override
    public List<Figure> figures(List<Reading> readings) {
        List<Figure> figures = new ArrayList<>();
        for (Table.Line line : Table.of(readings).lines()) {
            Integer most = MAX.get(line.policy());
            if (most != null) {
                figures.add(new Figure("attempts of " + line.name() + " into the stall", line.more(SENT), most, ""));
                figures.add(Staging.failures(line));
            }
        }
        return figures;
    }
}
