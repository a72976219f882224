package dev.weir.sim.experiment;

import dev.weir.sim.Meshes;
import dev.weir.sim.Result.SpanResult;
import dev.weir.sim.Scenario;
import dev.weir.sim.Scenario.Provider;
import dev.weir.sim.Scenario.Transport;
import dev.weir.sim.experiment.Report.Column;
import dev.weir.sim.experiment.Report.Row;
import dev.weir.sim.experiment.Report.Table;
import dev.weir.sim.policy.PushedSplit.Delay;
import dev.weir.sim.policy.PushedSplit.Pick;
import dev.weir.sim.policy.PushedSplit.Setup;
import dev.weir.sim.policy.Rule;
import dev.weir.sim.policy.Rules;
import dev.weir.sim.policy.Telemetry;
import java.util.ArrayList;
import java.util.List;

/** Declarations that are 20 % off, up and down by turns. */
public final class CapacityErrors implements Experiment {
    private static final double TICK = 0.25;

    @Override
    public String name() {
        return "errors";
    }

    @Override
    public String summary() {
        return "capacities declared 20 % too high and too low by turns, load .9: no overflow";
    }

    @Override
    public Report run(Effort effort) {
        Runs runs = new Runs(effort, 3);
        Transport refusing = Transport.PLAIN.withRetries(0).withLongestWait(2);
        Scenario exact = Meshes.ten(0.9, 20, 0.1).withTransport(refusing);
        List<Provider> wrong = new ArrayList<>();
        for (Provider provider : exact.providers()) {
            wrong.add(provider.declaring(provider.capacity() * (wrong.size() % 2 == 0 ? 1.2 : 0.8)));
        }
        Scenario off = exact.withProviders(wrong);
        List<Contender> contenders = List.of(
                split("ours", Rules.core()), split("WRR", Rules.wrr()), split("differential", Rules.differential()));
        List<Runs.Cell> right =
                contenders.stream().map(c -> runs.add(exact, c, 30, 300)).toList();
        List<Runs.Cell> misled =
                contenders.stream().map(c -> runs.add(off, c, 30, 300)).toList();
        runs.go();
        List<Row> rows = new ArrayList<>();
        for (int c = 0; c < contenders.size(); c++) {
            rows.add(row(contenders.get(c).name() + ", true capacities", right.get(c)));
            rows.add(row(contenders.get(c).name() + ", 20 % off", misled.get(c)));
        }
        Table table = new Table(
                "ten providers that refuse above 2 s of queue, load .9, service 100 ms, 20 sidecars, T = 250 ms",
                "rule, drawn by counter",
                List.of(Column.of("wait mean ms", 1), Column.of("wait p99 ms", 0), Column.of("overflow %", 2)),
                rows);
        double ratio = misled.get(0).estimate(Runs::meanWait).mean()
                / right.get(0).estimate(Runs::meanWait).mean();
        List<Target> checks = List.of(
                Target.atMost("overflow with capacities 20 % off, %", overflow(misled.get(0)), 0),
                Target.atMost("mean wait over the one without errors", ratio, 2));
        return new Report(name(), List.of(table), checks, List.of());
    }

    private static Contender split(String name, Rule.Maker rule) {
        Telemetry exact = Telemetry.exact(TICK);
        return Contenders.pushed(name, new Setup(rule, Pick.SMOOTH, TICK, exact, Delay.FLEET, null));
    }

    private static double overflow(Runs.Cell cell) {
        return 100 * cell.estimate(CapacityErrors::failedShare).mean();
    }

    private static double failedShare(SpanResult span) {
        return (double) span.failed() / (span.failed() + span.requests());
    }

    private static Row row(String name, Runs.Cell cell) {
        return new Row(
                name,
                List.of(
                        1e3 * cell.estimate(Runs::meanWait).mean(),
                        1e3 * cell.estimate(Runs::p99Wait).mean(),
                        overflow(cell)));
    }
}
