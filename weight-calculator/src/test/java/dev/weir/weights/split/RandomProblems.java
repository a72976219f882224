package dev.weir.weights.split;

import java.util.SplittableRandom;

/** Seeded instances: up to 12 pools, 40 providers, any affinity, capacities over three decades, backlogs of any sign. */
final class RandomProblems {
    private RandomProblems() {}

    static SplitProblem next(SplittableRandom random) {
        int pools = 1 + random.nextInt(12);
        int providers = 1 + random.nextInt(40);
        int[] start = new int[pools + 1];
        int[] members = new int[pools * providers];
        int n = 0;
        for (int t = 0; t < pools; t++) {
            double density = random.nextDouble();
            int anyway = random.nextInt(providers);
            for (int k = 0; k < providers; k++) {
                if (k == anyway || random.nextDouble() < density) {
                    members[n++] = k;
                }
            }
            start[t + 1] = n;
        }
        SplitProblem problem = new SplitProblem(start, java.util.Arrays.copyOf(members, n), providers);
        java.util.Arrays.fill(problem.open, true);
        double capacity = 0;
        for (int k = 0; k < providers; k++) {
            problem.capacity[k] = StrictMath.pow(10, 3 * random.nextDouble());
            problem.backlog[k] = problem.capacity[k] * (2 * random.nextDouble() - 0.5);
            capacity += problem.capacity[k];
        }
        for (int t = 0; t < pools; t++) {
            problem.demand[t] = capacity / pools * (0.01 + 1.5 * random.nextDouble());
        }
        problem.horizon = 0.05 + random.nextDouble();
        return problem;
    }

    /** {@code J = sum (b + H x)^2 / (2 mu)}. */
    static double objective(SplitProblem p, double[] flow) {
        double sum = 0;
        double[] load = load(p, flow);
        for (int k = 0; k < load.length; k++) {
            double work = p.backlog[k] + p.horizon * load[k];
            sum += work * work / (2 * p.capacity[k]);
        }
        return sum;
    }

    static double[] load(SplitProblem p, double[] flow) {
        double[] load = new double[p.capacity.length];
        for (int e = 0; e < flow.length; e++) {
            load[p.provider[e]] += flow[e];
        }
        return load;
    }
}
