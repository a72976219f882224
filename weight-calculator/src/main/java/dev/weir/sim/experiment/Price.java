package dev.weir.sim.experiment;

import dev.weir.sim.experiment.Report.Column;
import dev.weir.sim.experiment.Report.Row;
import dev.weir.sim.experiment.Report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Demand doubles: whether and how soon the price comes to rest again. */
public final class Price implements Experiment {
    private static final int[] LAGS = {0, 1, 4, 8};
    private static final double[] ELASTICITIES = {0.5, 1, 2, 4};

    @Override
    public String name() {
        return "price";
    }

    @Override
    public String summary() {
        return "demand doubles, answering the price with elasticity .5 to 4 and a lag of 0 to 2 s: settles, no cell swings";
    }

    @Override
    public Report run(Effort effort) {
        int seeds = effort.seedsOr(5);
        List<Supplier<PriceLoop.Outcome>> work = new ArrayList<>();
        for (int lag : LAGS) {
            for (double elasticity : ELASTICITIES) {
                for (int s = 1; s <= seeds; s++) {
                    long seed = s;
                    work.add(() -> PriceLoop.run(lag, elasticity, seed));
                }
            }
        }
        List<PriceLoop.Outcome> outcomes = effort.workers().all(work);
        List<Row> rows = new ArrayList<>();
        List<Target> checks = new ArrayList<>();
        double spread = 0;
        int unsettled = 0;
        int next = 0;
        for (int lag : LAGS) {
            for (double elasticity : ELASTICITIES) {
                List<PriceLoop.Outcome> cell = outcomes.subList(next, next + seeds);
                next += seeds;
                double publications = worst(cell, PriceLoop.Outcome::publications);
                double overshoot = 100 * worst(cell, PriceLoop.Outcome::overshoot);
                String name = "lag " + lag * 0.25 + " s, elasticity " + elasticity;
                spread = Math.max(spread, worst(cell, PriceLoop.Outcome::spread));
                rows.add(new Row(
                        name,
                        List.of(
                                publications,
                                overshoot,
                                worst(cell, PriceLoop.Outcome::spread),
                                cell.stream()
                                        .mapToDouble(PriceLoop.Outcome::utilisation)
                                        .average()
                                        .orElseThrow())));
                if (lag == 4 && elasticity >= 1) {
                    checks.add(Target.atMost("publications until settled, " + name, publications, 15));
                    checks.add(Target.atMost("overshoot, " + name + ", %", overshoot, 5));
                }
                unsettled += publications == Double.POSITIVE_INFINITY ? 1 : 0;
            }
        }
        checks.add(Target.atMost("cells that never settle, of 16", unsettled, 0));
        checks.add(Target.atMost("largest deviation of ln p at rest, any cell", spread, 0.02));
        Table table = new Table(
                "demand doubles once at rest; price published at most every 5 s; worst of " + seeds + " seeds",
                "cell",
                List.of(
                        Column.of("publications to settle", 0),
                        Column.of("overshoot %", 1),
                        Column.of("deviation of ln p", 4),
                        Column.of("utilisation at rest", 3)),
                rows);
        return new Report(name(), List.of(table), checks, List.of());
    }

    private static double worst(List<PriceLoop.Outcome> cell, ToDoubleFunction<PriceLoop.Outcome> figure) {
        return cell.stream().mapToDouble(figure).max().orElseThrow();
    }
}
