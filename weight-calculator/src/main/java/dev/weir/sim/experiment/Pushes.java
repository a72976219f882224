package dev.weir.sim.experiment;

import dev.weir.sim.Meshes;
import dev.weir.sim.Scenario;
import dev.weir.sim.experiment.Report.Column;
import dev.weir.sim.experiment.Report.Row;
import dev.weir.sim.experiment.Report.Table;
import dev.weir.sim.policy.PushedSplit.Delay;
import dev.weir.sim.policy.PushedSplit.Pick;
import dev.weir.sim.policy.PushedSplit.Setup;
import dev.weir.sim.policy.Rules;
import dev.weir.sim.policy.Telemetry;
import dev.weir.weights.Calculator;
import dev.weir.weights.Observation;
import dev.weir.weights.Observation.MemberInput;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Observation.ProviderInput;
import dev.weir.weights.Settings;
import java.util.ArrayList;
import java.util.List;

/** What the release gate saves and what it costs. */
public final class Pushes implements Experiment {
    /** As shares of a mean service time; the third is the default. */
    private static final double[] GATES = {0, 0.0005, 0.001, 0.002, 0.005};

    private static final int DEFAULT = 2;
    private static final double[] LOADS = {0.7, 0.9, 0.95};
    private static final double TICK = 0.25;

    @Override
    public String name() {
        return "pushes";
    }

    @Override
    public String summary() {
        return "pushes per tick and what they are worth, by gate; none for a constant input";
    }

    @Override
    public Report run(Effort effort) {
        Runs runs = new Runs(effort, 3);
        List<Runs.Cell> cells = new ArrayList<>();
        for (double gate : GATES) {
            for (double load : LOADS) {
                Scenario ten = Meshes.ten(load, 20, 0.1);
                Setup setup = new Setup(Rules.core(gate), Pick.SMOOTH, TICK, Telemetry.exact(TICK), Delay.FLEET, null);
                cells.add(runs.add(ten, Contenders.pushed("ours", setup), 10, 300));
            }
        }
        runs.go();
        List<Column> columns = new ArrayList<>();
        for (double load : LOADS) {
            columns.add(Column.of("pushes/tick at " + load, 2));
            columns.add(Column.of("wait mean ms at " + load, 2));
        }
        List<Row> rows = new ArrayList<>();
        int next = 0;
        for (double gate : GATES) {
            List<Double> values = new ArrayList<>();
            for (int l = 0; l < LOADS.length; l++) {
                Runs.Cell cell = cells.get(next++);
                values.add(perTick(cell));
                values.add(1e3 * cell.estimate(Runs::meanWait).mean());
            }
            rows.add(new Row("gate " + gate * 100 + " %", values));
        }
        Table table = new Table(
                "ten providers, service 100 ms, 20 sidecars, smooth picks, T = 250 ms; gate: predicted wait saved over service time",
                "gate",
                columns,
                rows);
        Runs.Cell open = cells.get(0);
        Runs.Cell chosen = cells.get(DEFAULT * LOADS.length);
        double loss = 1e3
                * (chosen.estimate(Runs::meanWait).mean()
                        - open.estimate(Runs::meanWait).mean());
        List<Target> checks = List.of(
                Target.atMost("pushes per tick at load .7", perTick(chosen), 0.45),
                Target.atMost("mean wait lost by it, ms (12 % of 1.2 ms)", loss, 0.144),
                Target.atMost("releases in an hour of constant input, after the first minute", constant(), 0));
        return new Report(name(), List.of(table), checks, List.of());
    }

    private static double perTick(Runs.Cell cell) {
        return cell.ofRuns(r -> (double) r.pushes() / r.ticks()).mean();
    }

    /** Two providers at 80 % with the same gauges and counts at each tick. */
    private static double constant() {
        Calculator calculator = new Calculator(Settings.DEFAULTS, null);
        List<ProviderInput> providers = List.of(new ProviderInput("a", 40, 4, 0), new ProviderInput("b", 80, 8, 0));
        List<PoolInput> pools = List.of(new PoolInput(
                "p",
                List.of(new MemberInput("a", 3, 8, 8, 0, false), new MemberInput("b", 6, 16, 16, 0, false)),
                1000,
                1));
        long released = 0;
        for (int tick = 0; tick < 4 * 3660; tick++) {
            Observation observation = new Observation(Math.round(tick * TICK * 1e9), false, pools, providers);
            boolean out = calculator.tick(observation).release().released();
            released += out && tick > 240 ? 1 : 0;
        }
        return released;
    }
}
