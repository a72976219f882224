package dev.weir.sim.slotted;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Networks on which splits that look at one class at a time fail. */
public final class Networks {
    private Networks() {}

    /** Two providers, classes {1,2} and {2}, each with demand {@code r}: feasible only as A on 1 and B on 2. */
    public static Network n2(double r) {
        return new Network("N2", List.of(1.0, 1.0), List.of(List.of(0, 1), List.of(1)), List.of(r, r));
    }

    /** Ten providers, class i on {i, i+1}, the last on {10} alone: every class must use its first provider. */
    public static Network chain(double r) {
        List<List<Integer>> members = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            members.add(List.of(i, i + 1));
        }
        members.add(List.of(9));
        return new Network("CHAIN10", filled(10, 1.0), members, filled(10, r));
    }

    /** Ten providers of capacity 1 to 16 and three nested classes, each set of providers loaded to {@code r}. */
    public static Network heterogeneous(double r) {
        List<Double> capacity = List.of(1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 8.0, 8.0, 16.0, 16.0);
        List<List<Integer>> members = List.of(
                IntStream.range(0, 3).boxed().toList(),
                IntStream.range(0, 7).boxed().toList(),
                IntStream.range(0, 10).boxed().toList());
        return new Network("HET10", capacity, members, List.of(4 * r, 18 * r, 40 * r));
    }

    /**
     * A random affinity graph with its demand on the boundary of the capacity region: 3 to 10 providers of capacity 1 to 4,
     * 2 to 8 classes of one to four members.
     */
    public static Network random(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int n = 3 + random.nextInt(8);
        List<Double> capacity = new ArrayList<>();
        for (int k = 0; k < n; k++) {
            capacity.add(1 + 3 * random.nextDouble());
        }
        int classes = 2 + random.nextInt(7);
        List<List<Integer>> members = new ArrayList<>();
        List<Double> rates = new ArrayList<>();
        for (int t = 0; t < classes; t++) {
            int size = 1 + random.nextInt(Math.min(4, n));
            List<Integer> all = new ArrayList<>(IntStream.range(0, n).boxed().toList());
            List<Integer> chosen = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                chosen.add(all.remove(random.nextInt(all.size())));
            }
            members.add(chosen.stream().sorted().toList());
            rates.add(0.2 + random.nextDouble());
        }
        Network any = new Network("random " + seed, capacity, members, rates);
        return any.scaled(CapacityRegion.boundary(any));
    }

    private static List<Double> filled(int n, double value) {
        return IntStream.range(0, n).mapToObj(i -> value).toList();
    }
}
