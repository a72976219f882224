package dev.weir.bench.loop;

import dev.weir.bench.Figure;
import java.util.ArrayList;
import java.util.List;

/**
 * What the scenarios have in common: one load, one plant, some events, each policy on the same jobs.
 *
 * @param load offered over true capacity, for the reader
 */
record Staging(Settings settings, List<Policy> policies, double load, Plant plant, Demand demand, List<Event> events) {
    static final String AT_THE_END = "backlog at the end s";

    /** WRR waits that a policy of ours must cut to a third. */
    private static final double LONG_WAIT_MILLIS = 500;

    /** Most work that may wait at the end, in seconds of all providers together: more, and it is growing. */
    private static final double BOUNDED_SECONDS = 1;

    private static final double END_SECONDS = 5;

    List<Trial> trials() {
        List<Trial> trials = new ArrayList<>();
        settings.seedNumbers()
                .forEach(seed -> settings.policiesOr(policies)
                        .forEach(policy -> trials.add(new Trial(
                                policy.label(), policy, load, plant, demand, events, settings.seconds(), seed))));
        return trials;
    }

    /** Mean backlog in the last 5 s of arrivals, in seconds of work for all providers together. */
    double backlogAtTheEnd(Run run) {
        double end = run.trial().seconds();
        return run.looks().stream()
                        .filter(look -> look.atSeconds() >= end - END_SECONDS && look.atSeconds() < end)
                        .mapToInt(Run.Look::waiting)
                        .average()
                        .orElse(Double.NaN)
                / plant.capacity();
    }

    /** No policy of ours grows without bound; each waits a third of WRR's mean at most where that is long. */
    List<Figure> bounded(Table table) {
        List<Figure> figures = new ArrayList<>();
        Table.Line wrr = table.line(Policy.WRR.label(), load);
        double fixed = wrr.median(Row::meanWait);
        for (Table.Line line : table.lines()) {
            if (!line.policy().ours()) {
                continue;
            }
            figures.add(new Figure(
                    "backlog of " + line.name() + " at the end", line.more(AT_THE_END), BOUNDED_SECONDS, "s of work"));
            if (fixed > LONG_WAIT_MILLIS) {
                figures.add(new Figure(
                        "mean wait of " + line.name() + " (wrr " + Math.round(fixed) + " ms)",
                        line.median(Row::meanWait),
                        fixed / 3,
                        "ms"));
            }
            figures.add(failures(line));
        }
        return figures;
    }

    static Figure failures(Table.Line line) {
        return new Figure("failed calls of " + line.name(), line.most(Row::failed) + line.most(Row::open), 0, "");
    }
}
