package dev.weir.sim.experiment;

import dev.weir.sim.Meshes;
import dev.weir.sim.Result;
import dev.weir.sim.Result.SpanResult;
import dev.weir.sim.Scenario;
import dev.weir.sim.Scenario.Change;
import dev.weir.sim.Scenario.Kind;
import dev.weir.sim.Scenario.Transport;
import dev.weir.sim.Span;
import dev.weir.sim.experiment.Report.Column;
import dev.weir.sim.experiment.Report.Row;
import dev.weir.sim.experiment.Report.Table;
import dev.weir.sim.policy.Bounce;
import dev.weir.sim.policy.PushedSplit.Delay;
import dev.weir.sim.policy.PushedSplit.Pick;
import dev.weir.sim.policy.PushedSplit.Setup;
import dev.weir.sim.policy.Rule;
import dev.weir.sim.policy.Rules;
import dev.weir.sim.policy.Telemetry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The largest provider dies without a word and comes back slowly; or it stalls and goes on. */
public final class Failure implements Experiment {
    private static final double TICK = 0.25;
    private static final double DOWN = 30;
    private static final double UP = 60;
    private static final double END = 90;

    private final Rule.Maker split;

    public Failure() {
        this(Rules.core());
    }

    /** @param split the rule to be judged in the place of ours */
    Failure(Rule.Maker split) {
        this.split = split;
    }

    @Override
    public String name() {
        return "failure";
    }

    @Override
    public String summary() {
        return "the largest provider dies silently for 30 s at load .7 and ramps up; stalls for 15 s at load .5";
    }

    @Override
    public Report run(Effort effort) {
        Report death = death(effort);
        Report stall = stall(effort);
        List<Target> checks = new ArrayList<>(death.checks());
        checks.addAll(stall.checks());
        return new Report(name(), List.of(death.tables().get(0), stall.tables().get(0)), checks, List.of());
    }

    /** 26 % of the capacity is gone for 30 s, then runs at a tenth of its speed and grows to all of it in 10 s. */
    Report death(Effort effort) {
        List<Change> changes = new ArrayList<>();
        changes.add(new Change(DOWN, Kind.SPEED, 9, 0));
        changes.add(new Change(UP, Kind.LOSE, 9, 0));
        for (int i = 0; i < 10; i++) {
            changes.add(new Change(UP + i, Kind.SPEED, 9, (i + 1) / 10.0));
        }
        Scenario ten = Meshes.ten(0.7, 20, 0.1)
                .withTransport(Transport.PLAIN.withPerTry(1))
                .withChanges(changes);
        List<Span> spans =
                List.of(new Span("all", 10, END), new Span("outage", DOWN, UP), new Span("after", UP, UP + 15));
        Runs runs = new Runs(effort, 5);
        List<Contender> contenders = contenders(Delay.FLEET);
        List<Runs.Cell> cells =
                contenders.stream().map(c -> runs.add(ten, c, END, spans)).toList();
        runs.go();
        List<Row> rows = new ArrayList<>();
        for (int c = 0; c < cells.size(); c++) {
            Runs.Cell cell = cells.get(c);
            rows.add(new Row(
                    contenders.get(c).name(),
                    List.of(
                            1e3 * of(cell, 1, Runs::meanWait),
                            1e3 * of(cell, 1, Runs::p99Wait),
                            1e3 * of(cell, 2, Runs::meanWait),
                            1e3 * of(cell, 2, Runs::p99Wait),
                            of(cell, 0, SpanResult::timeouts),
                            of(cell, 0, SpanResult::failed))));
        }
        Table table = new Table(
                "death of the largest of ten (26 %) for 30 s at load .7, 20 sidecars, T = 250 ms, time-out 1 s, one retry",
                "policy",
                List.of(
                        Column.of("outage wait mean ms", 0),
                        Column.of("p99 ms", 0),
                        Column.of("15 s after mean ms", 0),
                        Column.of("p99 ms ", 0),
                        Column.of("timed out", 0),
                        Column.of("failed calls", 1)),
                rows);
        Runs.Cell ours = cells.get(2);
        List<Target> checks = List.of(
                Target.atMost("split, p99 wait during the outage, ms", 1e3 * of(ours, 1, Runs::p99Wait), 350),
                Target.atMost("split, p99 wait in the 15 s after, ms", 1e3 * of(ours, 2, Runs::p99Wait), 250),
                Target.atMost("split, attempts timed out", of(ours, 0, SpanResult::timeouts), 200));
        return new Report(name(), List.of(table), checks, List.of());
    }

    private Report stall(Effort effort) {
        List<Change> changes = List.of(new Change(20, Kind.SPEED, 4, 0), new Change(35, Kind.SPEED, 4, 1));
        Scenario five =
                Meshes.five(0.5, 1).withTransport(Transport.PLAIN.withPerTry(1)).withChanges(changes);
        List<Span> spans = List.of(new Span("all", 5, 70), new Span("stall", 20, 35), new Span("after", 35, 50));
        Runs runs = new Runs(effort, 5);
        List<Contender> contenders = contenders(Delay.SHORT);
        List<Runs.Cell> cells =
                contenders.stream().map(c -> runs.add(five, c, 70, spans)).toList();
        runs.go();
        List<Row> rows = new ArrayList<>();
        for (int c = 0; c < cells.size(); c++) {
            Runs.Cell cell = cells.get(c);
            rows.add(new Row(
                    contenders.get(c).name(),
                    List.of(
                            of(cell, 1, s -> s.taken().get(4)),
                            1e3 * of(cell, 1, Runs::meanWait),
                            1e3 * of(cell, 1, Runs::p99Wait),
                            1e3 * of(cell, 2, Runs::meanWait),
                            of(cell, 0, SpanResult::failed))));
        }
        Table table = new Table(
                "stall of the largest of five (42 %) for 15 s at load .5, time-out 1 s, one retry, load reports each 250 ms",
                "policy",
                List.of(
                        Column.of("taken in", 0),
                        Column.of("wait mean ms", 0),
                        Column.of("p99 ms", 0),
                        Column.of("15 s after mean ms", 0),
                        Column.of("failed calls", 1)),
                rows);
        List<Target> checks = List.of(
                Target.atMost(
                        "governed, requests into the stall",
                        rows.get(0).values().get(0),
                        40),
                Target.atMost(
                        "bounce, requests into the stall", rows.get(1).values().get(0), 25),
                Target.atMost(
                        "split, requests into the stall", rows.get(2).values().get(0), 90),
                Target.atMost("governed, failed calls", rows.get(0).values().get(4), 0),
                Target.atMost("split, failed calls", rows.get(2).values().get(4), 0));
        return new Report(name(), List.of(table), checks, List.of());
    }

    private List<Contender> contenders(Delay delay) {
        Telemetry reports = Telemetry.loadReports(TICK);
        return List.of(
                Contenders.governed(),
                Contenders.pushed(
                        "ours: smooth + bounce", new Setup(split, Pick.SMOOTH, TICK, reports, delay, new Bounce(0.5))),
                Contenders.pushed("ours: smooth", new Setup(split, Pick.SMOOTH, TICK, reports, delay, null)),
                Contenders.jsq(),
                Contenders.wrr(Pick.SMOOTH),
                Contenders.weightedLeastRequest());
    }

    private static double of(Runs.Cell cell, int span, ToDoubleFunction<SpanResult> figure) {
        return cell.ofRuns((Result r) -> figure.applyAsDouble(r.spans().get(span)))
                .mean();
    }
}
