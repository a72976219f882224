package dev.weir.sim.experiment;

import dev.weir.sim.Meshes;
import dev.weir.sim.Scenario;
import dev.weir.sim.experiment.Report.Chart;
import dev.weir.sim.experiment.Report.Column;
import dev.weir.sim.experiment.Report.Row;
import dev.weir.sim.experiment.Report.Scale;
import dev.weir.sim.experiment.Report.Series;
import dev.weir.sim.experiment.Report.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One table: every policy at three loads, over clairvoyant JSQ on the same requests. */
public final class Overview implements Experiment {
    private static final double[] LOADS = {0.7, 0.9, 0.95};
    private static final double SECONDS = 300;

    @Override
    public String name() {
        return "overview";
    }

    @Override
    public String summary() {
        return "every policy at load .7, .9 and .95: response over clairvoyant JSQ";
    }

    @Override
    public Report run(Effort effort) {
        Runs runs = new Runs(effort, 2);
        List<Contender> contenders = Contenders.all(0.1);
        List<List<Runs.Cell>> cells = new ArrayList<>();
        for (Contender contender : contenders) {
            List<Runs.Cell> row = new ArrayList<>();
            for (double load : LOADS) {
                Scenario scenario = Meshes.five(load, 1);
                row.add(runs.add(scenario, contender, 10, SECONDS));
            }
            cells.add(row);
        }
        runs.go();
        List<Column> columns = new ArrayList<>();
        for (double load : LOADS) {
            columns.add(Column.percent("mean " + load));
            columns.add(Column.percent("p99 " + load));
        }
        List<Row> rows = new ArrayList<>();
        for (int c = 0; c < contenders.size(); c++) {
            List<Double> values = new ArrayList<>();
            for (int l = 0; l < LOADS.length; l++) {
                Runs.Cell cell = cells.get(c).get(l);
                Runs.Cell bound = cells.get(0).get(l);
                values.add(100 * (cell.over(bound, Runs::meanResponse).mean() - 1));
                values.add(100 * (cell.over(bound, Runs::p99Response).mean() - 1));
            }
            rows.add(new Row(contenders.get(c).name(), values));
        }
        Table table = new Table(
                "response over clairvoyant JSQ, % (five unequal providers, 415 requests/s, one sidecar, T = 100 ms)",
                "policy", columns, rows);
        return new Report(name(), List.of(table), List.of(), List.of(chart(rows, "mean", 0), chart(rows, "p99", 1)));
    }

    /** Response over JSQ by load, without JSQ itself. */
    private static Chart chart(List<Row> rows, String figure, int column) {
        List<Double> loads = Arrays.stream(LOADS).boxed().toList();
        List<Series> series = new ArrayList<>();
        for (Row row : rows.subList(1, rows.size())) {
            List<Double> means = new ArrayList<>();
            for (int l = 0; l < LOADS.length; l++) {
                means.add(Math.max(0.1, row.values().get(2 * l + column)));
            }
            series.add(new Series(row.name(), loads, means));
        }
        return new Chart(
                "overview-" + figure,
                figure + " response over clairvoyant JSQ",
                "load",
                "%",
                Scale.LOGARITHMIC,
                series);
    }
}
