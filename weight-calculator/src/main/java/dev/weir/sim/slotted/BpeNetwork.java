package dev.weir.sim.slotted;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The network of {@link BpeRun}: sink k serves task type k mod 3 alone. */
final class BpeNetwork {
    private BpeNetwork() {}

    /** @param load demand of each type over its capacity; 0 = {@code flow} as it is */
    static Network of(double[] capacity, double[] flow, double load) {
        List<List<Integer>> members = new ArrayList<>();
        List<Double> rates = new ArrayList<>();
        for (int t = 0; t < flow.length; t++) {
            List<Integer> sinks = new ArrayList<>();
            double all = 0;
            for (int k = t; k < capacity.length; k += flow.length) {
                sinks.add(k);
                all += capacity[k];
            }
            members.add(sinks);
            rates.add(load > 0 ? load * all : flow[t]);
        }
        return new Network("BPE", Arrays.stream(capacity).boxed().toList(), members, rates);
    }
}
