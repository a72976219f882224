package dev.weir.weights.split;

/**
 * The exact water level of one pool.
 *
 * <p>Finds the {@code L} (seconds) with
 *
 * <pre>  sum_i (L mu_i - b_i)^+ = water        water = demand x horizon, work units, > 0</pre>
 *
 * which minimises {@code sum_i (b_i + f_i)^2 / (2 mu_i)} over {@code f >= 0, sum f = water}: every provider that gets
 * work is expected to be done at the same time, and none that gets nothing would be done earlier.
 *
 * <p>Worked example: {@code mu = (10, 30)}, {@code b = (4, 0)}, {@code water = 8}: {@code L = (8 + 4 + 0) / 40 = 0.3},
 * {@code f = (0.3 x 10 - 4)^+} is negative, so the first leaves; {@code L = 8 / 30 = 0.267}, {@code f = (0, 8)}.
 *
 * <p>Active set (Michelot, "A finite algorithm for finding the projection of a point onto the canonical simplex",
 * JOTA 50, 1986): {@code L} falls with every pass, each pass drops those that it would give less than nothing. Passes
 * are few; after 16 of them a heap of the rest bounds the worst case at {@code O(n log n)}. Allocates only to grow.
 * Not safe for several threads.
 */
public final class WaterLevel {
    private static final int PASSES = 16;

    private int[] active = new int[0];

    /**
     * @param backlog {@code b_i}, work units, any sign, finite
     * @param capacity {@code mu_i}, work units per second, {@code > 0}
     * @param n how many of the arrays' elements count, {@code >= 1}
     * @param water work units to place, {@code > 0}
     * @return {@code L}, seconds
     */
    public double find(double[] backlog, double[] capacity, int n, double water) {
        if (active.length < n) {
            active = new int[Math.max(n, 2 * active.length)];
        }
        double sumBacklog = 0;
        double sumCapacity = 0;
        for (int i = 0; i < n; i++) {
            active[i] = i;
            sumBacklog += backlog[i];
            sumCapacity += capacity[i];
        }
        int left = n;
        double level = (water + sumBacklog) / sumCapacity;
        for (int pass = 0; pass < PASSES; pass++) {
            int kept = 0;
            sumBacklog = 0;
            sumCapacity = 0;
            for (int j = 0; j < left; j++) {
                int i = active[j];
                if (backlog[i] < level * capacity[i]) {
                    active[kept++] = i;
                    sumBacklog += backlog[i];
                    sumCapacity += capacity[i];
                }
            }
            if (kept == left) {
                return level;
            }
            if (kept == 0) {
                return lowest(backlog, capacity, left);
            }
            left = kept;
            level = (water + sumBacklog) / sumCapacity;
        }
        return drain(backlog, capacity, left, water, level);
    }

    /** The level where rounding ate the water (it is below an ulp of the backlogs): all of it goes to the emptiest. */
    private double lowest(double[] backlog, double[] capacity, int left) {
        double lowest = Double.POSITIVE_INFINITY;
        for (int j = 0; j < left; j++) {
            lowest = Math.min(lowest, backlog[active[j]] / capacity[active[j]]);
        }
        return Math.nextUp(lowest);
    }

    /** Drops the fullest, one after the other, from a heap of those left. */
    private double drain(double[] backlog, double[] capacity, int size, double water, double from) {
        for (int root = size / 2 - 1; root >= 0; root--) {
            sink(backlog, capacity, root, size);
        }
        double sumBacklog = 0;
        double sumCapacity = 0;
        for (int j = 0; j < size; j++) {
            sumBacklog += backlog[active[j]];
            sumCapacity += capacity[active[j]];
        }
        double level = from;
        int left = size;
        while (left > 1 && backlog[active[0]] >= level * capacity[active[0]]) {
            sumBacklog -= backlog[active[0]];
            sumCapacity -= capacity[active[0]];
            left--;
            active[0] = active[left];
            sink(backlog, capacity, 0, left);
            level = (water + sumBacklog) / sumCapacity;
        }
        // the running differences have rounded; the sums of those that stayed have not
        sumBacklog = 0;
        sumCapacity = 0;
        for (int j = 0; j < left; j++) {
            sumBacklog += backlog[active[j]];
            sumCapacity += capacity[active[j]];
        }
        return (water + sumBacklog) / sumCapacity;
    }

    private void sink(double[] backlog, double[] capacity, int from, int size) {
        int node = from;
        while (true) {
            int child = 2 * node + 1;
            if (child >= size) {
                return;
            }
            if (child + 1 < size && fuller(backlog, capacity, active[child + 1], active[child])) {
                child++;
            }
            if (!fuller(backlog, capacity, active[child], active[node])) {
                return;
            }
            int swap = active[node];
            active[node] = active[child];
            active[child] = swap;
            node = child;
        }
    }

    private static boolean fuller(double[] backlog, double[] capacity, int i, int j) {
        return backlog[i] * capacity[j] > backlog[j] * capacity[i];
    }
}
