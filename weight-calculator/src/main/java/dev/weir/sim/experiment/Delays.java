package dev.weir.sim.experiment;

import dev.weir.sim.Meshes;
import dev.weir.sim.Scenario;
import dev.weir.sim.experiment.Report.Chart;
import dev.weir.sim.experiment.Report.Column;
import dev.weir.sim.experiment.Report.Row;
import dev.weir.sim.experiment.Report.Scale;
import dev.weir.sim.experiment.Report.Series;
import dev.weir.sim.experiment.Report.Table;
import dev.weir.sim.policy.PushedSplit.Delay;
import dev.weir.sim.policy.PushedSplit.Pick;
import dev.weir.sim.policy.PushedSplit.Setup;
import dev.weir.sim.policy.Rules;
import dev.weir.sim.policy.Telemetry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Old telemetry: whether the loop swings. */
public final class Delays implements Experiment {
    private static final double[] AGES = {0, 0.1, 0.25, 0.5, 1};
    private static final double[] TICKS = {0.1, 0.25};
    private static final double MAX_MOVE = 0.3;

    @Override
    public String name() {
        return "delay";
    }

    @Override
    public String summary() {
        return "telemetry 0 to 1 s old at T = 100 and 250 ms: no oscillation";
    }

    @Override
    public Report run(Effort effort) {
        Runs runs = new Runs(effort, 2);
        Scenario ten = Meshes.ten(0.9, 20, 0.1);
        Runs.Cell jsq = runs.add(ten, Contenders.jsq(), 10, 200);
        Runs.Cell wrr = runs.add(ten, Contenders.wrr(Pick.SMOOTH), 10, 200);
        List<Runs.Cell> cells = new ArrayList<>();
        for (double tick : TICKS) {
            for (double age : AGES) {
                Telemetry telemetry = age == 0 ? Telemetry.exact(tick) : Telemetry.aged(tick, age);
                Setup setup = new Setup(Rules.core(), Pick.SMOOTH, tick, telemetry, Delay.FLEET, null);
                cells.add(runs.add(ten, Contenders.pushed("ours", setup), 10, 200));
            }
        }
        runs.go();
        List<Row> rows = new ArrayList<>();
        List<Target> checks = new ArrayList<>();
        int next = 0;
        for (double tick : TICKS) {
            for (double age : AGES) {
                Runs.Cell cell = cells.get(next++);
                String name = "ours, T " + tick + " s, age " + age + " s";
                double move = cell.ofRuns(r -> r.shareMove()).mean();
                rows.add(row(name, cell, move));
                checks.add(
                        Target.atMost("L1 of successive shares, T " + tick + " s, age " + age + " s", move, MAX_MOVE));
            }
        }
        rows.add(row("WRR, smooth", wrr, 0));
        rows.add(row("JSQ, clairvoyant", jsq, Double.NaN));
        Table table = new Table(
                "ten providers, load .9, service 100 ms, 20 sidecars, pushes take 10 to 50 ms",
                "policy",
                List.of(Column.of("wait mean ms", 1), Column.of("wait p99 ms", 0), Column.of("L1 per tick", 3)),
                rows);
        List<Series> series = new ArrayList<>();
        List<Double> ages = Arrays.stream(AGES).boxed().toList();
        for (int t = 0; t < TICKS.length; t++) {
            List<Double> waits = rows.subList(t * AGES.length, (t + 1) * AGES.length).stream()
                    .map(r -> r.values().get(0))
                    .toList();
            series.add(new Series("ours, T = " + TICKS[t] + " s", ages, waits));
        }
        series.add(flat("WRR, smooth", ages, rows.get(rows.size() - 2)));
        series.add(flat("JSQ, clairvoyant", ages, rows.get(rows.size() - 1)));
        Chart chart = new Chart(
                "delay", "mean wait by age of telemetry, load .9", "age, s", "wait, ms", Scale.LINEAR, series);
        return new Report(name(), List.of(table), checks, List.of(chart));
    }

    private static Row row(String name, Runs.Cell cell, double move) {
        return new Row(
                name,
                List.of(
                        1e3 * cell.estimate(Runs::meanWait).mean(),
                        1e3 * cell.estimate(Runs::p99Wait).mean(),
                        move));
    }

    private static Series flat(String name, List<Double> x, Row row) {
        return new Series(name, x, Collections.nCopies(x.size(), row.values().get(0)));
    }
}
