package dev.weir.sim.experiment;

import dev.weir.sim.experiment.Report.Column;
import dev.weir.sim.experiment.Report.Row;
import dev.weir.sim.experiment.Report.Table;
import dev.weir.sim.slotted.EscrowRun;
import dev.weir.sim.slotted.EscrowRun.Outcome;
import dev.weir.sim.slotted.EscrowRun.Release;
import dev.weir.sim.slotted.Networks;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Work that waits for room at shared providers: whether the lines stay short. */
public final class Escrow implements Experiment {
    private static final int SLOTS = 30_000;

    @Override
    public String name() {
        return "escrow";
    }

    @Override
    public String summary() {
        return "overflow lines on CHAIN10 with room for 1 and 4 slots of work: short by max-weight, endless in class order";
    }

    private record Case(Release release, double load, int room) {
        String title() {
            String rule = release == Release.OURS ? "ours" : "class order";
            return rule + ", load " + load + ", room " + room;
        }
    }

    @Override
    public Report run(Effort effort) {
        int seeds = effort.seedsOr(2);
        int slots = (int) (SLOTS * effort.length());
        List<Case> cases = new ArrayList<>();
        for (Release release : Release.values()) {
            cases.add(new Case(release, 0.95, 1));
            cases.add(new Case(release, 0.95, 4));
            cases.add(new Case(release, 0.98, 4));
        }
        List<Supplier<Outcome>> work = new ArrayList<>();
        for (Case one : cases) {
            for (int s = 1; s <= seeds; s++) {
                long seed = s;
                work.add(() -> EscrowRun.run(Networks.chain(one.load()), one.release(), one.room(), slots, seed));
            }
        }
        List<Outcome> outcomes = effort.workers().all(work);
        List<Row> rows = new ArrayList<>();
        long lost = 0;
        for (int c = 0; c < cases.size(); c++) {
            List<Outcome> seen = outcomes.subList(c * seeds, (c + 1) * seeds);
            lost += seen.stream().mapToLong(o -> Math.abs(o.lost())).sum();
            rows.add(new Row(
                    cases.get(c).title(),
                    List.of(
                            seen.stream().mapToDouble(Outcome::mean).average().orElseThrow(),
                            seen.stream().mapToDouble(Outcome::largest).max().orElseThrow(),
                            seen.stream().mapToDouble(Outcome::slope).max().orElseThrow())));
        }
        Table table = new Table(
                "CHAIN10, work that waits, slots of one provider's work",
                "release, load, room of a provider in slots",
                List.of(Column.of("mean", 2), Column.of("largest", 1), Column.of("growth/slot", 5)),
                rows);
        List<Double> first = rows.get(0).values();
        List<Target> checks = List.of(
                Target.atMost("mean waiting at load .95, room 1", first.get(0), 6),
                Target.atMost("most waiting at load .95, room 1", first.get(1), 20),
                Target.atMost("growth per slot at load .95, room 1", Math.abs(first.get(2)), 1e-3),
                Target.atLeast(
                        "growth per slot in class order", rows.get(3).values().get(2), 0.1),
                Target.atMost("lots lost or made", (double) lost, 0));
        return new Report(name(), List.of(table), checks, List.of());
    }
}
