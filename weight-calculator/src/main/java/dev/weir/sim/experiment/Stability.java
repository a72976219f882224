package dev.weir.sim.experiment;

import dev.weir.sim.experiment.Report.Column;
import dev.weir.sim.experiment.Report.Row;
import dev.weir.sim.experiment.Report.Table;
import dev.weir.sim.policy.Rule;
import dev.weir.sim.policy.Rules;
import dev.weir.sim.slotted.Network;
import dev.weir.sim.slotted.Networks;
import dev.weir.sim.slotted.SlottedRun;
import dev.weir.sim.slotted.SlottedRun.Demand;
import dev.weir.sim.slotted.SlottedRun.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Throughput: whether backlog stays bounded wherever some split could keep it so. */
public final class Stability implements Experiment {
    private static final int[] DELAYS = {0, 1, 4};
    private static final int SLOTS = 60_000;
    private static final int GRAPHS = 100;
    private static final int GRAPH_SLOTS = 20_000;
    private static final double GRAPH_LOAD = 0.97;
    private static final double MAX_SLOPE = 1e-3;

    @Override
    public String name() {
        return "stability";
    }

    @Override
    public String summary() {
        return "bounded backlog on shared providers: N2, CHAIN10, HET10 at 95 %, 100 random graphs at 97 % of the boundary";
    }

    private record Key(String rule, String network, Demand demand, int delay) {}

    @Override
    public Report run(Effort effort) {
        int seeds = effort.seedsOr(3);
        int slots = (int) (SLOTS * effort.length());
        Map<String, Rule.Maker> rules = new LinkedHashMap<>();
        rules.put("ours", Rules.core());
        rules.put("max-weight argmax", Rules.argmax());
        rules.put("softmax, 1 slot", Rules.softmax(Network.SLOT_SECONDS));
        rules.put("differential backlog", Rules.differential());
        rules.put("by capacity", Rules.wrr());
        List<Network> networks = List.of(Networks.n2(0.95), Networks.chain(0.95), Networks.heterogeneous(0.95));
        List<Key> keys = new ArrayList<>();
        List<Supplier<Outcome>> work = new ArrayList<>();
        for (Map.Entry<String, Rule.Maker> rule : rules.entrySet()) {
            for (Network network : networks) {
                for (Demand demand : Demand.values()) {
                    for (int delay : demand == Demand.STEADY ? DELAYS : new int[] {0}) {
                        for (int s = 1; s <= seeds; s++) {
                            long seed = s;
                            keys.add(new Key(rule.getKey(), network.name(), demand, delay));
                            work.add(() -> SlottedRun.run(network, rule.getValue(), demand, delay, slots, seed));
                        }
                    }
                }
            }
        }
        int graphs = (int) Math.max(1, GRAPHS * Math.min(1, effort.length()));
        for (int g = 1; g <= graphs; g++) {
            Network graph = Networks.random(g).scaled(GRAPH_LOAD);
            work.add(() -> SlottedRun.run(graph, Rules.core(), Demand.STEADY, 0, GRAPH_SLOTS, 1));
        }
        List<Outcome> outcomes = effort.workers().all(work);
        return report(rules, networks, keys, outcomes);
    }

    private Report report(
            Map<String, Rule.Maker> rules, List<Network> networks, List<Key> keys, List<Outcome> outcomes) {
        List<Column> columns = new ArrayList<>();
        List<Target> checks = new ArrayList<>();
        List<List<Double>> slopes = new ArrayList<>();
        List<List<Double>> means = new ArrayList<>();
        rules.keySet().forEach(r -> slopes.add(new ArrayList<>()));
        rules.keySet().forEach(r -> means.add(new ArrayList<>()));
        for (Network network : networks) {
            for (Demand demand : Demand.values()) {
                for (int delay : demand == Demand.STEADY ? DELAYS : new int[] {0}) {
                    String column = network.name() + (demand == Demand.BURSTY ? " bursty" : " " + delay);
                    columns.add(Column.of(column, 4));
                    int row = 0;
                    for (String rule : rules.keySet()) {
                        Key key = new Key(rule, network.name(), demand, delay);
                        double slope = mean(keys, outcomes, key, Figure.SLOPE);
                        double backlog = mean(keys, outcomes, key, Figure.BACKLOG);
                        slopes.get(row).add(slope);
                        means.get(row).add(backlog);
                        if (row == 0
                                && demand == Demand.STEADY
                                && !network.name().equals("HET10")) {
                            checks.add(Target.atMost("slope on " + column + ", work per slot", slope, MAX_SLOPE));
                            checks.add(Target.atMost(
                                    "mean backlog on " + column + ", slots of work", backlog, delay == 4 ? 15 : 5));
                        }
                        row++;
                    }
                }
            }
        }
        double worst = outcomes.subList(keys.size(), outcomes.size()).stream()
                .mapToDouble(Outcome::slope)
                .max()
                .orElse(Double.NaN);
        double backlog = outcomes.subList(keys.size(), outcomes.size()).stream()
                .mapToDouble(Outcome::mean)
                .max()
                .orElse(Double.NaN);
        checks.add(Target.atMost("worst slope on random graphs at 97 %, work per slot", worst, MAX_SLOPE));
        Table slope = table("growth of backlog, work per slot", rules, columns, slopes);
        List<Column> shorter = columns.stream().map(c -> Column.of(c.name(), 1)).toList();
        Table mean = table("mean backlog, slots of work (meaningless where it grows)", rules, shorter, means);
        Table random = new Table(
                "ours on random affinity graphs at 97 % of the boundary",
                "",
                List.of(Column.of("worst slope", 5), Column.of("largest mean backlog", 1)),
                List.of(new Row((outcomes.size() - keys.size()) + " graphs", List.of(worst, backlog))));
        return new Report(name(), List.of(slope, mean, random), checks, List.of());
    }

    private enum Figure {
        SLOPE,
        BACKLOG
    }

    private static double mean(List<Key> keys, List<Outcome> outcomes, Key key, Figure figure) {
        double sum = 0;
        int n = 0;
        for (int i = 0; i < keys.size(); i++) {
            if (keys.get(i).equals(key)) {
                sum += figure == Figure.SLOPE
                        ? outcomes.get(i).slope()
                        : outcomes.get(i).mean();
                n++;
            }
        }
        return sum / n;
    }

    private static Table table(
            String title, Map<String, Rule.Maker> rules, List<Column> columns, List<List<Double>> values) {
        List<Row> rows = new ArrayList<>();
        int r = 0;
        for (String rule : rules.keySet()) {
            rows.add(new Row(rule, values.get(r++)));
        }
        return new Table(title + " (columns: network and age of state in slots)", "rule", columns, rows);
    }
}
