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
import dev.weir.sim.policy.SlowPick;
import dev.weir.sim.policy.Telemetry;
import dev.weir.weights.pick.Handover;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A starved control plane: answers and records that come late, up to ten service times. The governed pool is never worse than its
 * own split, and better where it stays governed.
 */
public final class Starvation implements Experiment {
    private static final double[] LOADS = {0.5, 0.7, 0.8, 0.9, 0.95};
    private static final double[] LAGS = {0, 0.02, 0.06, 0.1, 0.2, 0.4, 0.7, 1, 2, 5, 10};

    /** What seeds differ by, and what the rule leaves: the least lag that it acts on. */
    private static final double NOISE = 0.03;

    private static final double MIN_LAG_SECONDS = 0.003;
    private static final double WARM_SECONDS = 15;

    private final Supplier<Optional<Handover>> handover;

    /** With the rule that is deployed. */
    public Starvation() {
        this(() -> Optional.of(new Handover()));
    }

    /** @param handover the rule to be judged */
    Starvation(Supplier<Optional<Handover>> handover) {
        this.handover = handover;
    }

    @Override
    public String name() {
        return "starvation";
    }

    @Override
    public String summary() {
        return "answers and records of a governed pool 0 to 10 service times late: never worse than its split";
    }

    @Override
    public Report run(Effort effort) {
        return grid(effort, LOADS, LAGS);
    }

    /** What is late: answers, records or both. */
    private enum Late {
        CHECKS,
        RECORDS,
        BOTH;

        Contender contender(double lag, Supplier<Optional<Handover>> handover) {
            double checks = this == RECORDS ? 0 : lag;
            double records = this == CHECKS ? 0 : lag;
            return new Contender(
                    "governed", world -> new SlowPick(world, checks, records, handover.get(), Rules.core()));
        }
    }

    /** @param lags in service times */
    Report grid(Effort effort, double[] loads, double[] lags) {
        Runs runs = new Runs(effort, 3);
        Contender smooth = Contenders.pushed(
                "split", new Setup(Rules.core(), Pick.SMOOTH, 0.25, Telemetry.loadReports(0.25), Delay.SHORT, null));
        List<Runs.Cell> splits = new ArrayList<>();
        List<List<Runs.Cell>> governed = new ArrayList<>();
        for (double load : loads) {
            Scenario five = Meshes.five(load, 1);
            splits.add(runs.add(five, smooth, WARM_SECONDS, 300));
            List<Runs.Cell> ofLoad = new ArrayList<>();
            for (double lag : lags) {
                for (Late late : Late.values()) {
                    double seconds = lag * serviceSeconds(five);
                    ofLoad.add(runs.add(five, late.contender(seconds, handover), WARM_SECONDS, 300));
                }
            }
            governed.add(ofLoad);
        }
        runs.go();
        List<Row> rows = new ArrayList<>();
        List<Target> checks = new ArrayList<>();
        for (int i = 0; i < loads.length; i++) {
            double split = splits.get(i).estimate(Runs::meanResponse).mean();
            double most = 100 * (NOISE + MIN_LAG_SECONDS / split);
            for (int j = 0; j < lags.length; j++) {
                List<Double> over = new ArrayList<>();
                for (int which = 0; which < Late.values().length; which++) {
                    Runs.Cell cell = governed.get(i).get(j * Late.values().length + which);
                    double percent =
                            100 * (cell.over(splits.get(i), Runs::meanResponse).mean() - 1);
                    over.add(percent);
                    checks.add(Target.atMost(
                            "load " + loads[i] + ", "
                                    + Late.values()[which].name().toLowerCase(Locale.ROOT) + " late by "
                                    + lags[j] + " service times: mean response over the split, %",
                            percent,
                            most));
                }
                rows.add(new Row("load " + loads[i] + ", lag " + lags[j] + " S", over));
            }
        }
        Table table = new Table(
                "five unequal providers, mean service 43 ms; mean response of the governed pool over its split's",
                "load and lag",
                List.of(
                        Column.percent("checks late %"),
                        Column.percent("records late %"),
                        Column.percent("both late %")),
                rows);
        return new Report(name(), List.of(table), checks, List.of());
    }

    private static double serviceSeconds(Scenario scenario) {
        return scenario.providers().stream()
                        .mapToDouble(Scenario.Provider::slots)
                        .sum()
                / scenario.capacity();
    }
}
