package dev.weir.sim.experiment;

import dev.weir.sim.experiment.Report.Column;
import dev.weir.sim.experiment.Report.Row;
import dev.weir.sim.experiment.Report.Table;
import dev.weir.sim.policy.Rules;
import dev.weir.sim.slotted.BpeRun;
import dev.weir.sim.slotted.BpeRun.Blind;
import dev.weir.sim.slotted.BpeRun.Cap;
import dev.weir.sim.slotted.BpeRun.Case;
import dev.weir.sim.slotted.BpeRun.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The published convergence experiment of backpressure economics, on its own draws: its rule, and ours beside it. */
public final class Original implements Experiment {
    private static final int FIRST_SEED = 0;
    private static final int SEEDS = 10;
    /** Its rule sets weights anew each step; so do we, whatever little it saves. */
    private static final double GATE_SHARE = 0;

    private static final int[] DELAYS = {1, 3, 5, 10};
    private static final double[] DELAY_TARGETS = {0.96, 0.95, 0.945, 0.94};
    private static final double[] CURVE = {0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99};

    @Override
    public String name() {
        return "original";
    }

    @Override
    public String summary() {
        return "backpressure economics' own experiment: its rule reproduced, ours beside it, loads up to .99, lies, delay, shock";
    }

    /** The outcomes of one line, by seed. */
    private record Line(String name, List<Outcome> outcomes) {
        double mean(ToDoubleFunction<Outcome> figure) {
            return outcomes.stream().mapToDouble(figure).average().orElse(Double.NaN);
        }

        double worst(ToDoubleFunction<Outcome> figure) {
            return outcomes.stream().mapToDouble(figure).max().orElse(Double.NaN);
        }

        double least() {
            return -worst(o -> -o.efficiency());
        }

        double worstSlope() {
            return worst(o -> Math.abs(o.slope()));
        }

        Row row() {
            return new Row(
                    name, List.of(mean(Outcome::efficiency), least(), mean(Outcome::slope), mean(Outcome::backlog)));
        }
    }

    @Override
    public Report run(Effort effort) {
        int seeds = effort.seedsOr(SEEDS);
        Plan plan = new Plan(seeds);
        for (Blind blind : Blind.values()) {
            plan.blind(name(blind), Case.AS_PUBLISHED, blind);
        }
        plan.ours("as published, ours", Case.AS_PUBLISHED);
        for (double load : new double[] {0.8, 0.95}) {
            plan.blind("load " + load + ", proportional", Case.of(load, Cap.ROOT_OF_STAKE), Blind.PROPORTIONAL);
            plan.blind("load " + load + ", round robin", Case.of(load, Cap.ROOT_OF_STAKE), Blind.ROUND_ROBIN);
            plan.ours("load " + load + ", ours", Case.of(load, Cap.ROOT_OF_STAKE));
        }
        Case lies = new Case(0.8, Cap.NONE, 0.2, 0, 0, 0);
        plan.blind("load 0.8, a fifth reports twice, proportional", lies, Blind.PROPORTIONAL);
        plan.ours("load 0.8, a fifth reports twice, ours", lies);
        for (int delay : DELAYS) {
            plan.ours("same, " + delay + " steps late, ours", new Case(0.8, Cap.NONE, 0.2, delay, 0, 0));
        }
        Case shock = new Case(0, Cap.ROOT_OF_STAKE, 0, 0, 400, 700);
        plan.blind("a fifth fails, comes back, proportional", shock, Blind.PROPORTIONAL);
        plan.ours("a fifth fails, comes back, ours", shock);
        for (double load : CURVE) {
            plan.ours("curve " + load + ", ours", Case.of(load, Cap.ROOT_OF_STAKE));
        }
        List<Line> lines = plan.run(effort);
        Table table = new Table(
                "BPE's experiment on its own draws, seeds " + FIRST_SEED + " to " + (FIRST_SEED + seeds - 1)
                        + ", with queues that keep what they get",
                "case and rule",
                List.of(
                        Column.of("efficiency", 4),
                        Column.of("worst seed", 4),
                        Column.of("growth/step", 2),
                        Column.of("backlog", 0)),
                lines.stream().map(Line::row).toList());
        return new Report(name(), List.of(table), checks(lines), List.of());
    }

    private static List<Target> checks(List<Line> lines) {
        List<Target> checks = new ArrayList<>();
        Line published = line(lines, "as published, ours");
        checks.add(Target.atLeast("efficiency as published, worst seed", published.least(), 0.999));
        checks.add(Target.atMost("|growth| as published, worst seed", published.worstSlope(), 0.1));
        for (Blind blind : Blind.values()) {
            double found = line(lines, name(blind)).mean(Outcome::efficiency);
            checks.add(Target.atMost(
                    name(blind) + ": efficiency against the " + published(blind) + " of its own script, +-",
                    Math.abs(found - published(blind)),
                    0.005));
        }
        Line proportional = line(lines, "as published, proportional");
        checks.add(Target.atLeast("growth of the published rule as published", proportional.mean(Outcome::slope), 10));
        for (String load : List.of("0.8", "0.95")) {
            Line ours = line(lines, "load " + load + ", ours");
            checks.add(Target.atLeast("efficiency at load " + load + ", worst seed", ours.least(), 0.998));
            checks.add(Target.atMost("|growth| at load " + load + ", worst seed", ours.worstSlope(), 0.5));
            Line theirs = line(lines, "load " + load + ", proportional");
            checks.add(
                    Target.atLeast("growth of the published rule at load " + load, theirs.mean(Outcome::slope), 200));
        }
        Line lies = line(lines, "load 0.8, a fifth reports twice, ours");
        checks.add(Target.atLeast("efficiency when a fifth reports twice", lies.mean(Outcome::efficiency), 0.995));
        for (int i = 0; i < DELAYS.length; i++) {
            Line late = line(lines, "same, " + DELAYS[i] + " steps late, ours");
            checks.add(Target.atLeast(
                    "efficiency " + DELAYS[i] + " steps late", late.mean(Outcome::efficiency), DELAY_TARGETS[i]));
            checks.add(Target.atMost("|growth| " + DELAYS[i] + " steps late", late.worstSlope(), 0.5));
        }
        Line shock = line(lines, "a fifth fails, comes back, ours");
        checks.add(
                Target.atMost("steps to within 1 % after the failure, worst seed", shock.worst(Outcome::settled), 15));
        checks.add(
                Target.atMost("steps to within 1 % after the return, worst seed", shock.worst(Outcome::recovered), 15));
        for (double load : CURVE) {
            Line curve = line(lines, "curve " + load + ", ours");
            checks.add(Target.atLeast("efficiency at load " + load + " of the curve", curve.least(), 0.998));
            checks.add(Target.atMost("|growth| at load " + load + " of the curve", curve.worstSlope(), 0.5));
        }
        return checks;
    }

    private static String name(Blind blind) {
        return "as published, " + blind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** Mean efficiency of the published script over seeds 0 to 9. */
    private static double published(Blind blind) {
        return switch (blind) {
            case PROPORTIONAL -> 0.980;
            case ROUND_ROBIN -> 0.950;
            case RANDOM -> 0.837;
        };
    }

    private static Line line(List<Line> lines, String name) {
        return lines.stream().filter(l -> l.name().equals(name)).findFirst().orElseThrow();
    }

    private static final class Plan {
        private final int seeds;
        private final List<String> names = new ArrayList<>();
        private final List<Supplier<Outcome>> work = new ArrayList<>();

        Plan(int seeds) {
            this.seeds = seeds;
        }

        void blind(String name, Case of, Blind blind) {
            names.add(name);
            for (int s = 0; s < seeds; s++) {
                int seed = FIRST_SEED + s;
                work.add(() -> BpeRun.run(of, blind, seed));
            }
        }

        void ours(String name, Case of) {
            names.add(name);
            for (int s = 0; s < seeds; s++) {
                int seed = FIRST_SEED + s;
                work.add(() -> BpeRun.run(of, Rules.core(GATE_SHARE), seed));
            }
        }

        List<Line> run(Effort effort) {
            List<Outcome> outcomes = effort.workers().all(work);
            List<Line> lines = new ArrayList<>();
            for (int i = 0; i < names.size(); i++) {
                lines.add(new Line(names.get(i), outcomes.subList(i * seeds, (i + 1) * seeds)));
            }
            return lines;
        }
    }
}
