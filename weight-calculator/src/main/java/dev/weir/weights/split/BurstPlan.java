package dev.weir.weights.split;

import java.util.Arrays;

/**
 * What a pool should do with a burst. A pool whose demand over one horizon is less than the free slots of its providers is planned
 * for as much work as these can take at once,
 *
 * <pre>
 *   B_t = sum_k (o_k - b'_k)^+        work that starts at once; o_k the slack that is in b_k
 *   b'_k = b_k + w (N'_k - N_k)       N' in flight after H of what the others send there, fluid: what finds room soon leaves it
 *   f_k = (L mu_k - b'_k)^+ / H     with sum_k H f_k = B_t, so in proportion to free slots</pre>
 *
 * on top of what the others have. The others don't see it: a burst that has not come takes nothing from anybody. Planned for its
 * next to no demand, an idle pool would send all to the one that is emptiest by a hair, and rest so: the next burst would queue there
 * beside free slots.
 *
 * <p>{@code O(E)}; allocates only to grow. Not safe for several threads.
 */
public final class BurstPlan {
    private final WaterLevel waterLevel = new WaterLevel();
    private double[] load = new double[0];
    private double[] backlog = new double[0];
    private double[] waiting = new double[0];
    private double[] capacity = new double[0];

    /**
     * @param queue what is in flight, of the same tick
     * @param flow of all members, solved
     * @param plan result per member: {@code flow}, but for pools with more free slots than demand
     */
    public void plan(SplitProblem p, ExpectedQueue queue, double[] flow, double[] plan) {
        sum(p, flow);
        for (int t = 0; t < p.pools(); t++) {
            int n = gather(p, queue, t, flow);
            double burst = free(n);
            boolean idle = burst > p.demand[t] * p.horizon;
            double level = idle ? waterLevel.find(backlog, capacity, n, burst) : 0;
            n = 0;
            for (int e = p.poolStart[t]; e < p.poolStart[t + 1]; e++) {
                plan[e] = flow[e];
                if (p.open[e]) {
                    plan[e] = idle ? Math.max(0, level * capacity[n] - backlog[n]) / p.horizon : flow[e];
                    n++;
                }
            }
        }
    }

    /**
     * How much longer a request of a burst would wait under {@code inForce} than under {@code weight}: the most over pools,
     * seconds of {@code sum_k ((b'_k - o_k + B p_k)^+)^2 / (2 mu_k) / B}.
     */
    public double saved(SplitProblem p, ExpectedQueue queue, double[] flow, int[] inForce, int[] weight) {
        sum(p, flow);
        double most = 0;
        for (int t = 0; t < p.pools(); t++) {
            int n = gather(p, queue, t, flow);
            double burst = free(n);
            if (burst > p.demand[t] * p.horizon) {
                most = Math.max(most, (wait(p, t, burst, inForce) - wait(p, t, burst, weight)) / burst);
            }
        }
        return most;
    }

    private double wait(SplitProblem p, int t, double burst, int[] weight) {
        long sum = 0;
        for (int e = p.poolStart[t]; e < p.poolStart[t + 1]; e++) {
            sum += p.open[e] ? weight[e] : 0;
        }
        double wait = 0;
        int n = 0;
        for (int e = p.poolStart[t]; e < p.poolStart[t + 1]; e++) {
            if (p.open[e]) {
                double queued = Math.max(0, waiting[n] + (sum > 0 ? burst * weight[e] / sum : 0));
                wait += queued * queued / (2 * capacity[n]);
                n++;
            }
        }
        return wait;
    }

    private void sum(SplitProblem p, double[] flow) {
        if (load.length < p.capacity.length) {
            load = new double[p.capacity.length];
        }
        Arrays.fill(load, 0);
        int widest = 0;
        for (int t = 0; t < p.pools(); t++) {
            widest = Math.max(widest, p.poolStart[t + 1] - p.poolStart[t]);
            for (int e = p.poolStart[t]; e < p.poolStart[t + 1]; e++) {
                load[p.provider[e]] += p.open[e] ? flow[e] : 0;
            }
        }
        if (backlog.length < widest) {
            backlog = new double[widest];
            waiting = new double[widest];
            capacity = new double[widest];
        }
    }

    private int gather(SplitProblem p, ExpectedQueue queue, int t, double[] flow) {
        int n = 0;
        for (int e = p.poolStart[t]; e < p.poolStart[t + 1]; e++) {
            if (p.open[e]) {
                int k = p.provider[e];
                double moved = queue.moved(k, Math.max(0, load[k] - flow[e]), p.horizon);
                backlog[n] = p.backlog[k] + moved;
                waiting[n] = p.waiting[k] + moved;
                capacity[n] = p.capacity[k];
                n++;
            }
        }
        return n;
    }

    private double free(int n) {
        double free = 0;
        for (int i = 0; i < n; i++) {
            free += Math.max(0, -waiting[i]);
        }
        return free;
    }
}
