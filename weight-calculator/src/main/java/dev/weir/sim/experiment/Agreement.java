package dev.weir.sim.experiment;

import dev.weir.sim.Meshes;
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
import org.jspecify.annotations.Nullable;

/**
 * The simulator against mean waits measured on Envoy 1.40.0 (docs/evaluation.md): five providers, 415 requests/s, single samples of
 * 65 s, whose own error is about 13 %. The simulated mean is that of several samples of that length.
 */
public final class Agreement implements Experiment {
    /** Client, two HTTP hops and Envoy, which the measured waits contain. */
    private static final double HOPS_MS = 1.7;

    private static final double SECONDS = 70;
    private static final double WARM_SECONDS = 5;
    private static final double SHARE = 0.15;
    private static final double MIN_MS = 5;

    private static final List<Measured> ROWS = List.of(
            row(Contenders.jsq(), 0.7, 1, 4.8),
            row(Contenders.jsq(), 0.9, 1, 18.3),
            row(Contenders.jsq(), 0.95, 1, 47),
            row(Contenders.governed(), 0.7, 1, 4.5),
            row(Contenders.governed(), 0.9, 1, 18.4),
            row(Contenders.governed(), 0.95, 1, 48),
            row(Contenders.governed(), 0.9, 8, 19.5),
            row(split("smooth + bounce, T .25", Pick.SMOOTH, 0.25, new Bounce(0.5)), 0.7, 1, 6.3),
            row(split("smooth + bounce, T .25", Pick.SMOOTH, 0.25, new Bounce(0.5)), 0.9, 1, 25.1),
            row(split("smooth + bounce, T .25", Pick.SMOOTH, 0.25, new Bounce(0.5)), 0.95, 1, 60),
            row(split("smooth + bounce, T 1", Pick.SMOOTH, 1, new Bounce(0.5)), 0.9, 1, 25.4),
            row(fixed("fixed weights + bounce", new Bounce(0.5)), 0.7, 1, 8.9),
            row(fixed("fixed weights + bounce", new Bounce(0.5)), 0.9, 1, 30.5),
            row(fixed("fixed weights + bounce", new Bounce(0.5)), 0.95, 1, 68),
            row(reported("random + bounce c 1, load reports, T .25", 0.25, new Bounce(1)), 0.9, 1, 32.6),
            row(reported("random + bounce, load reports, T 1", 1, new Bounce(0.5)), 0.9, 1, 31.9),
            row(split("smooth, T .1", Pick.SMOOTH, 0.1, null), 0.7, 1, 9.3),
            row(split("smooth, T .1", Pick.SMOOTH, 0.1, null), 0.9, 1, 32.1),
            row(split("smooth, T .1", Pick.SMOOTH, 0.1, null), 0.95, 1, 72),
            row(split("smooth, T .25", Pick.SMOOTH, 0.25, null), 0.7, 1, 10.0),
            row(split("smooth, T .25", Pick.SMOOTH, 0.25, null), 0.9, 1, 39.1),
            row(split("smooth, T .25", Pick.SMOOTH, 0.25, null), 0.95, 1, 81),
            row(split("EDF, T .25", Pick.EDF, 0.25, null), 0.9, 1, 39.6),
            row(split("smooth, T .25", Pick.SMOOTH, 0.25, null), 0.9, 8, 47.2),
            row(split("random, T .25", Pick.RANDOM, 0.25, null), 0.7, 1, 17.0),
            row(split("random, T .25", Pick.RANDOM, 0.25, null), 0.9, 1, 58.5),
            row(split("random, T .25", Pick.RANDOM, 0.25, null), 0.95, 1, 107),
            row(reported("random, load reports, T .25", 0.25, null), 0.7, 1, 18.4),
            row(reported("random, load reports, T .25", 0.25, null), 0.9, 1, 63.8),
            row(reported("random, load reports, T .25", 0.25, null), 0.95, 1, 114),
            row(split("random, T .5", Pick.RANDOM, 0.5, null), 0.9, 1, 68),
            row(split("random, T 1", Pick.RANDOM, 1, null), 0.9, 1, 78),
            row(Contenders.rule("max-weight argmax, T .25", Rules.argmax(), 0.25), 0.9, 1, 498));

    private static final List<Measured> OTHERS = List.of(
            row(Contenders.weightedLeastRequest(), 0.9, 1, 52),
            row(Contenders.weightedLeastRequest(), 0.9, 8, 58),
            row(Contenders.clientSideWrr(), 0.9, 1, 82.6),
            row(Contenders.twoChoices(), 0.7, 1, 56),
            row(Contenders.twoChoices(), 0.9, 1, 794),
            row(Contenders.twoChoices(), 0.95, 1, 1598));

    /** @param measuredMs mean wait */
    private record Measured(Contender contender, double load, int sidecars, double measuredMs) {
        @Override
        public String toString() {
            return contender.name() + ", load " + load + (sidecars == 1 ? "" : ", " + sidecars + " sidecars");
        }

        /** How far the simulation is off, as a share of what is allowed. */
        double off(Runs.Cell cell) {
            return Math.abs(simulatedMs(cell) - measuredMs) / Math.max(MIN_MS, SHARE * measuredMs);
        }
    }

    @Override
    public String name() {
        return "agreement";
    }

    @Override
    public String summary() {
        return "simulated mean waits against those measured on Envoy 1.40.0: within 15 % or 5 ms";
    }

    @Override
    public Report run(Effort effort) {
        Runs runs = new Runs(effort, 8);
        List<Runs.Cell> loops = plan(runs, ROWS);
        List<Runs.Cell> others = plan(runs, OTHERS);
        runs.go();
        List<Target> checks = new ArrayList<>();
        for (int i = 0; i < ROWS.size(); i++) {
            Measured row = ROWS.get(i);
            checks.add(Target.atMost(row + ": off by, of what is allowed", row.off(loops.get(i)), 1));
        }
        return new Report(
                name(),
                List.of(
                        table(
                                "closed loops: mean wait, ms, one sample measured on Envoy 1.40.0, eight simulated",
                                ROWS,
                                loops),
                        table(
                                "sidecars left to themselves, no bound set: P2C at .9 and above grows as long as it runs",
                                OTHERS,
                                others)),
                checks,
                List.of());
    }

    private static List<Runs.Cell> plan(Runs runs, List<Measured> rows) {
        return rows.stream()
                .map(row -> runs.add(Meshes.five(row.load(), row.sidecars()), row.contender(), WARM_SECONDS, SECONDS))
                .toList();
    }

    private static Table table(String title, List<Measured> measured, List<Runs.Cell> cells) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < measured.size(); i++) {
            Measured row = measured.get(i);
            double simulated = simulatedMs(cells.get(i));
            rows.add(new Row(
                    row.toString(),
                    List.of(
                            row.measuredMs(),
                            simulated,
                            1e3 * cells.get(i).estimate(Runs::meanWait).halfWidth(),
                            100 * (simulated / row.measuredMs() - 1),
                            row.off(cells.get(i)))));
        }
        return new Table(
                title,
                "policy",
                List.of(
                        Column.of("measured", 1),
                        Column.of("simulated", 1),
                        Column.of("+-", 1),
                        Column.percent("difference %"),
                        Column.of("of what is allowed", 2)),
                rows);
    }

    private static double simulatedMs(Runs.Cell cell) {
        return HOPS_MS + 1e3 * cell.estimate(Runs::meanWait).mean();
    }

    private static Measured row(Contender contender, double load, int sidecars, double measuredMs) {
        return new Measured(contender, load, sidecars, measuredMs);
    }

    private static Contender split(String name, Pick pick, double tickSeconds, @Nullable Bounce bounce) {
        return pushed(name, Rules.core(), pick, tickSeconds, Telemetry.exact(tickSeconds), bounce);
    }

    private static Contender fixed(String name, Bounce bounce) {
        return pushed(name, Rules.wrr(), Pick.RANDOM, 0.25, Telemetry.exact(0.25), bounce);
    }

    private static Contender reported(String name, double seconds, @Nullable Bounce bounce) {
        return pushed(name, Rules.core(), Pick.RANDOM, seconds, Telemetry.loadReports(seconds), bounce);
    }

    private static Contender pushed(
            String name, Rule.Maker rule, Pick pick, double tick, Telemetry telemetry, @Nullable Bounce bounce) {
        return Contenders.pushed(name, new Setup(rule, pick, tick, telemetry, Delay.SHORT, bounce));
    }
}
