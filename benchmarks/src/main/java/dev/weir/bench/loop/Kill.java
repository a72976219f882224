package dev.weir.bench.loop;

import dev.weir.bench.Figure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** SIGKILL to the control plane under load, and its return five seconds later. */
final class Kill implements Experiment {
    private static final double LOAD = 0.7;
    private static final double FROM_SECONDS = 12;
    private static final double TO_SECONDS = 17;

    /** After its return, by when books are right: Envoy dials its load-report stream again after 5 s. */
    private static final double BOOKS_SECONDS = 6;

    private static final String AFTER = "wait after ms";

    private final Staging staging;

    Kill(Settings settings) {
        Plant plant = Plant.five(settings.sidecars());
        double load = settings.loadOr(LOAD);
        this.staging = new Staging(
                settings,
                List.of(Policy.JSQ, Policy.GOVERNED, Policy.POOLED),
                load,
                plant,
                Demand.steady(load * plant.capacity()),
                Event.outage(FROM_SECONDS, TO_SECONDS).toList());
    }

    @Override
    public String title() {
        return "the control plane is killed and comes back after five seconds";
    }

    @Override
    public List<Trial> trials() {
        return staging.trials();
    }

    @Override
    public Map<String, Double> more(Run run) {
        double settled = TO_SECONDS + BOOKS_SECONDS;
        return Map.of(
                AFTER,
                Row.times(run, settled, run.trial().seconds(), Outcome::waitMillis)
                        .mean());
    }

    @Override
    public List<Figure> figures(List<Reading> readings) {
        Table table = Table.of(readings);
        double clairvoyant = table.line(Policy.JSQ.label(), staging.load()).more(AFTER);
        List<Figure> figures = new ArrayList<>();
        for (Table.Line line : table.lines()) {
            if (line.policy().ours()) {
                figures.add(Staging.failures(line));
                if (!Double.isNaN(clairvoyant)) {
                    // books that are wrong by one slot of the smallest provider show as tens of milliseconds
                    figures.add(new Figure(
                            "mean wait of " + line.name() + " from 6 s after its return on",
                            line.more(AFTER),
                            clairvoyant + 5,
                            "ms"));
                }
            }
        }
        return figures;
    }
}
