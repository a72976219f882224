package dev.weir.sim.policy;

import dev.weir.sim.Scenario;
import dev.weir.weights.Observation;
import java.util.Arrays;

/** An observation as arrays over providers, for rules that are one formula. */
final class View {
    final int[] slots;
    /** declared, requests per second */
    final double[] capacity;
    /** requests at each provider, over all pools */
    final double[] inFlight;
    /** by pool: the providers' numbers */
    final int[][] members;

    View(Scenario scenario) {
        int n = scenario.providers().size();
        slots = new int[n];
        capacity = new double[n];
        inFlight = new double[n];
        for (int k = 0; k < n; k++) {
            slots[k] = scenario.providers().get(k).slots();
            capacity[k] = scenario.providers().get(k).declaredCapacity();
        }
        members = new Members(scenario).providers;
    }

    void read(Observation observation) {
        Arrays.fill(inFlight, 0);
        for (int p = 0; p < members.length; p++) {
            for (int i = 0; i < members[p].length; i++) {
                inFlight[members[p][i]] +=
                        observation.pools().get(p).members().get(i).inFlight();
            }
        }
    }

    /** Requests in flight at all members of a pool. */
    double pending(int pool) {
        double sum = 0;
        for (int provider : members[pool]) {
            sum += inFlight[provider];
        }
        return sum;
    }
}
