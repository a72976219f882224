package dev.weir.sim.experiment;

import dev.weir.sim.Arrivals;
import dev.weir.sim.Meshes;
import dev.weir.sim.Scenario;
import dev.weir.sim.experiment.Report.Table;
import dev.weir.sim.policy.PushedSplit.Pick;
import dev.weir.sim.policy.Rules;
import java.util.ArrayList;
import java.util.List;

/** Ten tenants whose peaks are fifteen times their means. */
public final class Bursts implements Experiment {
    /** On for 3 % of the time, half a second each; the rest of the time .0378 of that rate. */
    private static final Arrivals FIFTEEN = new Arrivals.OnOff(10, 0.5, 0.03, 0.0378);

    @Override
    public String name() {
        return "bursts";
    }

    @Override
    public String summary() {
        return "ten tenants with 15:1 bursts at load .5 and .7, against one pooled queue";
    }

    @Override
    public Report run(Effort effort) {
        List<Table> tables = new ArrayList<>();
        List<Target> checks = new ArrayList<>();
        for (double load : new double[] {0.5, 0.7}) {
            Runs runs = new Runs(effort, 4);
            Scenario ten = Meshes.ten(load, 4, 0.1).withArrivals(FIFTEEN);
            Runs.Cell bound = runs.add(ten, Contenders.pooledBound(), 10, 600);
            List<Contender> contenders = List.of(
                    Contenders.jsq(),
                    Contenders.governed(),
                    Contenders.pooled(),
                    Contenders.bounce(0.25, 0.5),
                    Contenders.smooth(0.25),
                    Contenders.wrr(Pick.SMOOTH),
                    Contenders.rule("differential backlog", Rules.differential(), 0.25));
            List<Comparison> rows = new ArrayList<>();
            for (Contender contender : contenders) {
                rows.add(new Comparison(contender.name(), runs.add(ten, contender, 10, 600), bound));
            }
            runs.go();
            rows.add(0, new Comparison(Contenders.pooledBound().name(), bound, bound));
            tables.add(new Table(
                    "15:1 bursts of ten tenants, ten providers, load " + load
                            + ", service 100 ms, 4 sidecars; bound: clairvoyant pooled queue",
                    "policy",
                    Comparison.COLUMNS,
                    rows.stream().map(Comparison::row).toList()));
            if (load == 0.7) {
                checks.add(Target.atMost(
                        "split, p99 response over a pooled queue, %",
                        rows.get(5).p99().mean(), 10));
                checks.add(Target.atMost(
                        "held at the check, p99 over a pooled queue, %",
                        rows.get(3).p99().mean(), 10));
            }
        }
        return new Report(name(), tables, checks, List.of());
    }
}
