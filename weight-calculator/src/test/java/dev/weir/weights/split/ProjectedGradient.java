package dev.weir.weights.split;

import java.util.Arrays;

/**
 * A slow reference for {@link BlockDescent} that shares no code with it: accelerated projected gradient (FISTA with
 * restarts) in the flows, each pool projected onto its simplex by sorting.
 */
final class ProjectedGradient {
    private final SplitProblem p;
    private final double step;

    ProjectedGradient(SplitProblem p) {
        this.p = p;
        // the Hessian's largest eigenvalue is at most max_k H^2 n_k / mu_k with n_k members at provider k
        double[] members = new double[p.capacity.length];
        for (int k : p.provider) {
            members[k]++;
        }
        double bound = 0;
        for (int k = 0; k < members.length; k++) {
            bound = Math.max(bound, p.horizon * p.horizon * members[k] / p.capacity[k]);
        }
        step = 1 / bound;
    }

    /** Until the duality gap is below {@code relative} times the objective. */
    double[] solve(double relative, int iterations) {
        double[] x = new double[p.provider.length];
        project(x);
        double[] y = x.clone();
        double momentum = 1;
        double last = RandomProblems.objective(p, x);
        for (int i = 0; i < iterations; i++) {
            double[] gradient = gradient(y);
            double[] next = new double[x.length];
            for (int e = 0; e < x.length; e++) {
                next[e] = y[e] - step * gradient[e];
            }
            project(next);
            double objective = RandomProblems.objective(p, next);
            if (objective > last) {
                y = x.clone();
                momentum = 1;
                last = RandomProblems.objective(p, x);
                if (gap(x) < relative * Math.max(1, last)) {
                    return x;
                }
                last = Math.nextUp(last * (1 + 1e-15));
                continue;
            }
            double following = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
            for (int e = 0; e < x.length; e++) {
                y[e] = next[e] + (momentum - 1) / following * (next[e] - x[e]);
            }
            momentum = following;
            x = next;
            last = objective;
            if (i % 50 == 0 && gap(x) < relative * Math.max(1, last)) {
                return x;
            }
        }
        return x;
    }

    private double[] gradient(double[] flow) {
        double[] load = RandomProblems.load(p, flow);
        double[] gradient = new double[flow.length];
        for (int e = 0; e < flow.length; e++) {
            int k = p.provider[e];
            gradient[e] = p.horizon * (p.backlog[k] + p.horizon * load[k]) / p.capacity[k];
        }
        return gradient;
    }

    private double gap(double[] flow) {
        double[] gradient = gradient(flow);
        double gap = 0;
        for (int t = 0; t < p.pools(); t++) {
            double least = Double.POSITIVE_INFINITY;
            for (int e = p.poolStart[t]; e < p.poolStart[t + 1]; e++) {
                least = Math.min(least, gradient[e]);
                gap += gradient[e] * flow[e];
            }
            gap -= p.demand[t] * least;
        }
        return gap;
    }

    private void project(double[] flow) {
        for (int t = 0; t < p.pools(); t++) {
            double[] sorted = Arrays.copyOfRange(flow, p.poolStart[t], p.poolStart[t + 1]);
            Arrays.sort(sorted);
            double sum = 0;
            double shift = 0;
            for (int i = sorted.length - 1, n = 1; i >= 0; i--, n++) {
                sum += sorted[i];
                double candidate = (sum - p.demand[t]) / n;
                if (sorted[i] - candidate > 0) {
                    shift = candidate;
                }
            }
            for (int e = p.poolStart[t]; e < p.poolStart[t + 1]; e++) {
                flow[e] = Math.max(0, flow[e] - shift);
            }
        }
    }
}
