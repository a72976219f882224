package dev.weir.sim.experiment;

import dev.weir.sim.Scenario;
import dev.weir.sim.experiment.Report.Column;
import dev.weir.sim.experiment.Report.Row;
import dev.weir.sim.experiment.Report.Table;
import dev.weir.sim.policy.PushedSplit.Pick;
import java.util.ArrayList;
import java.util.List;

/** An operator's own mesh under our policies and the ones that it may have now. */
public final class OwnMesh implements Experiment {
    private final Scenario scenario;
    private final double tickSeconds;
    private final double warmSeconds;
    private final double seconds;

    /**
     * @param tickSeconds T
     * @param warmSeconds requests that come earlier are not measured
     * @param seconds when the last request may come
     */
    public OwnMesh(Scenario scenario, double tickSeconds, double warmSeconds, double seconds) {
        this.scenario = scenario;
        this.tickSeconds = tickSeconds;
        this.warmSeconds = warmSeconds;
        this.seconds = seconds;
    }

    @Override
    public String name() {
        return scenario.name();
    }

    @Override
    public String summary() {
        return "a mesh from a file";
    }

    @Override
    public Report run(Effort effort) {
        Runs runs = new Runs(effort, 3);
        List<Contender> contenders = List.of(
                Contenders.jsq(),
                Contenders.governed(),
                Contenders.pooled(),
                Contenders.bounce(tickSeconds, 0.5),
                Contenders.smooth(tickSeconds),
                Contenders.wrr(Pick.SMOOTH),
                Contenders.wrr(Pick.RANDOM),
                Contenders.weightedLeastRequest(),
                Contenders.twoChoices());
        List<Runs.Cell> cells = contenders.stream()
                .map(c -> runs.add(scenario, c, warmSeconds, seconds))
                .toList();
        runs.go();
        List<Row> times = new ArrayList<>();
        List<Row> losses = new ArrayList<>();
        for (int c = 0; c < cells.size(); c++) {
            Runs.Cell cell = cells.get(c);
            String name = contenders.get(c).name();
            times.add(new Comparison(name, cell, cells.get(0)).row());
            losses.add(new Row(
                    name,
                    List.of(
                            cell.estimate(s -> s.failed()).mean(),
                            cell.estimate(s -> s.timeouts()).mean(),
                            cell.estimate(s -> s.unfinished()).mean(),
                            cell.ofRuns(r -> r.backlogSlope()).mean())));
        }
        Table table = new Table(
                scenario.name() + ": bound is clairvoyant JSQ on the same requests",
                "policy",
                Comparison.COLUMNS,
                times);
        Table lost = new Table(
                scenario.name() + ": what was lost (mean per seed)",
                "policy",
                List.of(
                        Column.of("failed calls", 1),
                        Column.of("attempts timed out", 1),
                        Column.of("unfinished", 1),
                        Column.of("backlog growth/s", 2)),
                losses);
        return new Report(name(), List.of(table, lost), List.of(), List.of());
    }
}
