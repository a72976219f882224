package dev.weir.sim.experiment;

import dev.weir.sim.Law;
import dev.weir.sim.experiment.Report.Column;
import dev.weir.sim.experiment.Report.Row;
import dev.weir.sim.experiment.Report.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** Over-declared capacity: how soon it is seen, and how often the honest are accused. */
public final class Detect implements Experiment {
    private static final double[] TRUTHS = {0.9, 0.8, 0.7, 0.5};
    private static final double[] VARIATIONS = {1, 4};
    private static final int RUNS = 201;
    private static final int HONEST_RUNS = 2000;
    private static final long HONEST_COMPLETIONS = 100_000;
    private static final long MAX = 1_000_000;

    @Override
    public String name() {
        return "detect";
    }

    @Override
    public String summary() {
        return "over-declared capacity: completions until the alarm, false alarms of honest providers";
    }

    @Override
    public Report run(Effort effort) {
        int runs = effort.seedsOr(RUNS);
        int honest = (int) Math.max(10, HONEST_RUNS * effort.length());
        List<Supplier<Double>> work = new ArrayList<>();
        for (double variation : VARIATIONS) {
            Law law = law(variation);
            for (double truth : TRUTHS) {
                work.add(() -> median(truth, law, runs));
            }
            work.add(() -> falseAlarms(law, honest));
        }
        List<Double> found = effort.workers().all(work);
        List<Row> rows = new ArrayList<>();
        List<Target> checks = new ArrayList<>();
        int each = TRUTHS.length + 1;
        for (int v = 0; v < VARIATIONS.length; v++) {
            List<Double> values = found.subList(v * each, (v + 1) * each);
            String name = "cv^2 = " + VARIATIONS[v];
            rows.add(new Row(name, values));
            checks.add(Target.atMost(
                    "median completions until a claim 20 % short is seen, " + name,
                    values.get(1),
                    650 * VARIATIONS[v]));
            checks.add(Target.atMost(
                    "false alarms per 100 000 completions, " + name,
                    values.get(TRUTHS.length),
                    VARIATIONS[v] == 1 ? 1e-3 : 5e-3));
        }
        List<Column> columns = new ArrayList<>();
        for (double truth : TRUTHS) {
            columns.add(Column.of("does " + truth + " of its claim", 0));
        }
        columns.add(Column.of("false alarms per 100 000", 4));
        Table table = new Table(
                "median completions until the alarm, of " + runs + " runs; false alarms in " + honest
                        + " runs of an honest provider",
                "job sizes",
                columns,
                rows);
        return new Report(name(), List.of(table), checks, List.of());
    }

    private static Law law(double variation) {
        return variation == 1 ? Law.EXPONENTIAL : Law.lognormal(variation);
    }

    private static double median(double truth, Law law, int runs) {
        double[] after = new double[runs];
        for (int r = 0; r < runs; r++) {
            after[r] = SaturatedProvider.alarmAfter(truth, law, MAX, r + 1);
        }
        Arrays.sort(after);
        return after[runs / 2];
    }

    private static double falseAlarms(Law law, int runs) {
        int alarms = 0;
        for (int r = 0; r < runs; r++) {
            double after = SaturatedProvider.alarmAfter(1, law, HONEST_COMPLETIONS, 1_000_000L + r);
            alarms += after < Double.POSITIVE_INFINITY ? 1 : 0;
        }
        return (double) alarms / runs;
    }
}
