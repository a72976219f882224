package dev.weir.sim.policy;

import dev.weir.sim.Scenario;
import java.util.Arrays;

/** Numbers of (pool, provider) pairs: a scenario's cells, in order of pools and then members. */
final class Members {
    /** by pool: the providers' numbers */
    final int[][] providers;
    /** by pool: the number of its first cell */
    private final int[] first;

    private final int[][] cellOf;
    private final int cells;

    Members(Scenario scenario) {
        int pools = scenario.pools().size();
        providers = new int[pools][];
        first = new int[pools];
        cellOf = new int[pools][scenario.providers().size()];
        int next = 0;
        for (int p = 0; p < pools; p++) {
            providers[p] = scenario.pools().get(p).members().stream()
                    .mapToInt(Integer::intValue)
                    .toArray();
            first[p] = next;
            Arrays.fill(cellOf[p], -1);
            for (int provider : providers[p]) {
                cellOf[p][provider] = next++;
            }
        }
        cells = next;
    }

    int cells() {
        return cells;
    }

    int cell(int pool, int provider) {
        return cellOf[pool][provider];
    }

    boolean serves(int pool, int provider) {
        return cellOf[pool][provider] >= 0;
    }

    int firstCell(int pool) {
        return first[pool];
    }
}
