package dev.weir.bench;

import dev.weir.weights.split.SplitProblem;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A mesh as the split sees it: capacities 1 : 16, load 0.9, every provider in up to four of the pools, backlogs that differ
 * by up to half a second of work from tick to tick. {@link #TICKS} consecutive states, so that a warm start has to move.
 */
final class SolverMesh {
    static final int TICKS = 4;
    private static final double LOAD = 0.9;
    private static final int MAX_POOLS_OF_A_PROVIDER = 4;
    private static final double HORIZON_SECONDS = 0.25;

    private final SplitProblem[] states = new SplitProblem[TICKS];

    /** @param providers {@code >= pools} */
    SolverMesh(int providers, int pools) {
        SplittableRandom random = new SplittableRandom(providers * 100L + pools);
        int each = Math.min(pools, MAX_POOLS_OF_A_PROVIDER);
        int[][] poolsOf = new int[providers][];
        int[] poolStart = new int[pools + 1];
        for (int k = 0; k < providers; k++) {
            // the first keeps every pool from being empty
            int first = k % pools;
            int step = 1 + random.nextInt(Math.max(1, pools / each));
            poolsOf[k] = new int[each];
            for (int i = 0; i < each; i++) {
                poolsOf[k][i] = (first + i * step) % pools;
                poolStart[poolsOf[k][i] + 1]++;
            }
        }
        for (int t = 0; t < pools; t++) {
            poolStart[t + 1] += poolStart[t];
        }
        int[] next = Arrays.copyOf(poolStart, pools);
        int[] provider = new int[poolStart[pools]];
        for (int k = 0; k < providers; k++) {
            for (int t : poolsOf[k]) {
                provider[next[t]++] = k;
            }
        }
        double[] capacity = random.doubles(providers, 10, 160).toArray();
        for (int i = 0; i < TICKS; i++) {
            states[i] = state(poolStart, provider, poolsOf, capacity, random);
        }
    }

    private static SplitProblem state(
            int[] poolStart, int[] provider, int[][] poolsOf, double[] capacity, SplittableRandom random) {
        SplitProblem problem = new SplitProblem(poolStart, provider, capacity.length);
        Arrays.fill(problem.open, true);
        problem.horizon = HORIZON_SECONDS;
        for (int k = 0; k < capacity.length; k++) {
            problem.capacity[k] = capacity[k];
            problem.backlog[k] = capacity[k] * (random.nextDouble() * 0.5 - 0.1);
            for (int t : poolsOf[k]) {
                problem.demand[t] += LOAD * capacity[k] / poolsOf[k].length;
            }
        }
        return problem;
    }

    /** The state of a tick, {@code >= 0}; they come round. */
    SplitProblem at(int tick) {
        return states[tick % TICKS];
    }

    /** (pool, provider) pairs. */
    int members() {
        return states[0].provider.length;
    }
}
