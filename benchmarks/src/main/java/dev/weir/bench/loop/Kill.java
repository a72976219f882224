package dev.weir.bench.loop;

import dev.weir.bench.Figure;
import dev.weir.control.testbed.AwaitChildren;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** SIGKILL to the control plane under load, and its return five seconds later. */
final class Kill implements Experiment {
    private static final double LOAD = 0.9;
    private static final double FROM_SECONDS = 12;
    private static final double TO_SECONDS = 17;

    /** After its return, by when books are right: Envoy dials its load-report stream again after 5 s. */
    private static final double BOOKS_SECONDS = 6;

    private static final String BOOKS = "grants - jobs";
    private static final int SAMPLES = 25;
    private static final long SAMPLE_MILLIS = 40;

    /** A grant is older than its job's arrival and lasts until its record comes: a millisecond or two, at 400 calls a second. */
    private static final double MAX_WRONG = 3;

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
                Stream.concat(
                                Event.outage(FROM_SECONDS, TO_SECONDS),
                                Stream.of(new Event(TO_SECONDS + BOOKS_SECONDS, Kill::compareBooks)))
                        .toList());
    }

    @Override
    public String title() {
        return "the control plane is killed and comes back after five seconds";
    }

    @Override
    public List<Trial> trials() {
        return staging.trials();
    }

    private static void compareBooks(Event.Stand stand) {
        if (stand.mesh() instanceof WeirMesh weir) {
            double difference = 0;
            for (int i = 0; i < SAMPLES; i++) {
                difference += weir.grants() - stand.inSystem();
                AwaitChildren.pause(SAMPLE_MILLIS);
            }
            stand.notes().accept(BOOKS, difference / SAMPLES);
        }
    }

    @Override
    public List<Figure> figures(List<Reading> readings) {
        Table table = Table.of(readings);
        List<Figure> figures = new ArrayList<>();
        for (Table.Line line : table.lines()) {
            if (line.policy().ours()) {
                figures.add(Staging.failures(line));
                figures.add(new Figure(
                        "books of " + line.name() + " wrong 6 s after the return by",
                        Math.abs(line.more(BOOKS)),
                        MAX_WRONG,
                        "requests"));
            }
        }
        return figures;
    }
}
