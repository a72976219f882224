package dev.weir.sim.experiment;

import dev.weir.sim.experiment.Report.Column;
import dev.weir.sim.experiment.Report.Row;
import java.util.List;

/** One contender on one scenario against a bound on the same requests: the row of a table. */
record Comparison(String name, Runs.Cell cell, Runs.Cell bound) {
    static final List<Column> COLUMNS = List.of(
            Column.of("wait mean ms", 1),
            Column.of("wait p99 ms", 0),
            Column.of("response mean ms", 1),
            Column.of("response p99 ms", 0),
            Column.percent("mean over bound %"),
            Column.of("+-", 1),
            Column.percent("p99 over bound %"),
            Column.of("+- ", 1),
            Column.of("retries/request", 2),
            Column.of("pushes/tick", 2));

    Estimate mean() {
        return percent(cell.over(bound, Runs::meanResponse));
    }

    Estimate p99() {
        return percent(cell.over(bound, Runs::p99Response));
    }

    private static Estimate percent(Estimate ratio) {
        return new Estimate(100 * (ratio.mean() - 1), 100 * ratio.halfWidth());
    }

    Row row() {
        Estimate mean = mean();
        Estimate p99 = p99();
        return new Row(
                name,
                List.of(
                        1e3 * cell.estimate(Runs::meanWait).mean(),
                        1e3 * cell.estimate(Runs::p99Wait).mean(),
                        1e3 * cell.estimate(Runs::meanResponse).mean(),
                        1e3 * cell.estimate(Runs::p99Response).mean(),
                        mean.mean(),
                        mean.halfWidth(),
                        p99.mean(),
                        p99.halfWidth(),
                        cell.estimate(s -> s.retriesPerRequest()).mean(),
                        cell.ofRuns(r -> r.ticks() == 0 ? 0 : (double) r.pushes() / r.ticks())
                                .mean()));
    }
}
