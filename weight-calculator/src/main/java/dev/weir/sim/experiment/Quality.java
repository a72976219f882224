package dev.weir.sim.experiment;

import dev.weir.sim.Arrivals;
import dev.weir.sim.Law;
import dev.weir.sim.Meshes;
import dev.weir.sim.Scenario;
import dev.weir.sim.experiment.Report.Column;
import dev.weir.sim.experiment.Report.Row;
import dev.weir.sim.experiment.Report.Table;
import dev.weir.sim.policy.Bounce;
import dev.weir.sim.policy.PushedSplit.Pick;
import dev.weir.sim.policy.Rule;
import dev.weir.sim.policy.Rules;
import java.util.ArrayList;
import java.util.List;

/**
 * How close each way of binding comes to clairvoyant JSQ, and whether the split is ever worse than fixed weights drawn the
 * same way.
 */
public final class Quality implements Experiment {
    private static final double LOAD = 0.95;
    private static final double[] LOADS = {0.3, 0.5, 0.7, 0.9, 0.98};
    private static final double[] TICKS_PER_SERVICE = {0.1, 1, 10, 100};
    private static final double GRID_TICK = 0.25;
    private static final double GRID_REQUESTS = 200_000;
    /** Ten tenants, each at 2.3 times its mean in bursts of half a second. */
    private static final Arrivals BURSTY = new Arrivals.OnOff(10, 0.5, 0.3, 0.2);

    private final Rule.Maker split;

    /** The decision core's split. */
    public Quality() {
        this(Rules.core());
    }

    /** @param split the rule to be judged in the place of ours */
    Quality(Rule.Maker split) {
        this.split = split;
    }

    @Override
    public String name() {
        return "quality";
    }

    @Override
    public String summary() {
        return "response over clairvoyant JSQ at load .95; heavy-tailed sizes; never worse than WRR on a grid";
    }

    @Override
    public Report run(Effort effort) {
        Report bound = overBound(effort);
        Report heavy = heavyTail(effort);
        Report grid = grid(effort, TICKS_PER_SERVICE, LOADS);
        List<Table> tables = new ArrayList<>(bound.tables());
        tables.addAll(heavy.tables());
        tables.addAll(grid.tables());
        List<Target> checks = new ArrayList<>(bound.checks());
        checks.addAll(heavy.checks());
        checks.addAll(grid.checks());
        return new Report(name(), tables, checks, List.of());
    }

    /** T = 100 ms, one sidecar. */
    Report overBound(Effort effort) {
        Runs runs = new Runs(effort, 4);
        Scenario five = Meshes.five(LOAD, 1);
        Runs.Cell jsq = runs.add(five, Contenders.jsq(), 10, 600);
        List<Comparison> rows = new ArrayList<>();
        List<Contender> contenders = List.of(
                Contenders.jsq(),
                Contenders.governed(),
                Contenders.pushed("ours: smooth + bounce", split, Pick.SMOOTH, 0.1, new Bounce(0.5)),
                Contenders.pushed("ours: smooth", split, Pick.SMOOTH, 0.1, null),
                Contenders.pushed("ours: random", split, Pick.RANDOM, 0.1, null),
                Contenders.pushed(
                        "ours: smooth, slots not declared", Rules.withoutSlots(split), Pick.SMOOTH, 0.1, null),
                Contenders.wrr(Pick.SMOOTH),
                Contenders.wrr(Pick.RANDOM));
        for (Contender contender : contenders) {
            Runs.Cell cell = contender.equals(contenders.get(0)) ? jsq : runs.add(five, contender, 10, 600);
            rows.add(new Comparison(contender.name(), cell, jsq));
        }
        runs.go();
        Table table = new Table(
                "five unequal providers, load .95, exponential sizes, one sidecar, T = 100 ms; bound: clairvoyant JSQ",
                "policy",
                Comparison.COLUMNS,
                rows.stream().map(Comparison::row).toList());
        List<Target> checks = List.of(
                Target.atMost(
                        "governed, mean response over JSQ, %",
                        rows.get(1).mean().mean(), 3),
                Target.atMost(
                        "governed, p99 response over JSQ, %", rows.get(1).p99().mean(), 3),
                Target.atMost(
                        "bounce, mean response over JSQ, %", rows.get(2).mean().mean(), 28),
                Target.atMost(
                        "bounce, p99 response over JSQ, %", rows.get(2).p99().mean(), 24),
                Target.atMost(
                        "smooth, mean response over JSQ, %", rows.get(3).mean().mean(), 50),
                Target.atMost(
                        "smooth, p99 response over JSQ, %", rows.get(3).p99().mean(), 30));
        return new Report(name(), List.of(table), checks, List.of());
    }

    private Report heavyTail(Effort effort) {
        Runs runs = new Runs(effort, 8);
        Scenario heavy = Meshes.five(LOAD, 1, 10).withLaw(Law.lognormal(4));
        Runs.Cell jsq = runs.add(heavy, Contenders.jsq(), 30, 3000);
        List<Contender> contenders = List.of(Contenders.pooled(), Contenders.pooledBound(), Contenders.governed());
        List<Comparison> rows = new ArrayList<>();
        for (Contender contender : contenders) {
            rows.add(new Comparison(contender.name(), runs.add(heavy, contender, 30, 3000), jsq));
        }
        runs.go();
        rows.add(0, new Comparison(Contenders.jsq().name(), jsq, jsq));
        Table table = new Table(
                "the same with services ten times longer and lognormal sizes, cv^2 = 4, load .95, 3 000 s",
                "policy",
                Comparison.COLUMNS,
                rows.stream().map(Comparison::row).toList());
        List<Target> checks = List.of(
                Target.atMost(
                        "pooled queue, mean response over JSQ, %",
                        rows.get(1).mean().mean(), 3),
                Target.atMost(
                        "pooled queue, p99 response over JSQ, %",
                        rows.get(1).p99().mean(), -3));
        return new Report(name(), List.of(table), checks, List.of());
    }

    /** Mean response of the split over fixed weights', both drawn by counter. */
    Report grid(Effort effort, double[] ticksPerService, double[] loads) {
        Runs runs = new Runs(effort, 3);
        List<Runs.Cell> ours = new ArrayList<>();
        List<Runs.Cell> fixed = new ArrayList<>();
        Contender smooth = Contenders.pushed("ours", split, Pick.SMOOTH, GRID_TICK, null);
        for (Arrivals arrivals : List.of(Arrivals.POISSON, BURSTY)) {
            for (double ratio : ticksPerService) {
                for (double load : loads) {
                    double service = GRID_TICK / ratio;
                    Scenario ten = Meshes.ten(load, 4, service).withArrivals(arrivals);
                    double seconds = Math.max(30, GRID_REQUESTS * service / 124 / load);
                    double warm = Math.max(5, 10 * service);
                    ours.add(runs.add(ten, smooth, warm, seconds));
                    fixed.add(runs.add(ten, Contenders.wrr(Pick.SMOOTH), warm, seconds));
                }
            }
        }
        runs.go();
        List<Column> columns = new ArrayList<>();
        for (double load : loads) {
            columns.add(Column.percent("load " + load));
        }
        List<Row> rows = new ArrayList<>();
        double[] worst = {Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY};
        int cell = 0;
        for (int a = 0; a < 2; a++) {
            for (double ratio : ticksPerService) {
                List<Double> values = new ArrayList<>();
                for (int l = 0; l < loads.length; l++, cell++) {
                    double over = 100
                            * (ours.get(cell)
                                            .over(fixed.get(cell), Runs::meanResponse)
                                            .mean()
                                    - 1);
                    worst[a] = Math.max(worst[a], over);
                    values.add(over);
                }
                rows.add(new Row((a == 0 ? "Poisson" : "bursty") + ", T/S = " + ratio, values));
            }
        }
        Table table = new Table(
                "mean response over WRR's, both drawn by counter, % (ten providers of 2 to 32 slots, 4 sidecars, T = 250 ms)",
                "arrivals, T over service time", columns, rows);
        List<Target> checks = List.of(
                Target.atMost("worst mean response over WRR's, Poisson, %", worst[0], 3),
                Target.atMost("worst mean response over WRR's, bursty, %", worst[1], 10));
        return new Report(name(), List.of(table), checks, List.of());
    }
}
