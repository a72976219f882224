package dev.weir.sim.policy;

import java.util.SplittableRandom;

/**
 * Envoy's earliest-deadline-first scheduler: every member is due {@code 1 / weight} after its last turn. Each push builds
 * it anew, as far on as a number of picks that is fixed per sidecar, so that not everyone starts with the heaviest.
 */
final class Edf implements Draw {
    private final double phase;
    private double[] deadline = new double[0];
    private double[] step = new double[0];

    Edf(SplittableRandom random) {
        this.phase = random.nextDouble();
    }

    @Override
    public void weights(int[] weights) {
        int n = weights.length;
        deadline = new double[n];
        step = new double[n];
        long total = 0;
        for (int weight : weights) {
            total += weight;
        }
        // after `picks` picks each member has had about its share of them, rounded down
        double picks = Math.floor(phase * 1000 * n);
        double sum = 0;
        for (int i = 0; i < n; i++) {
            if (weights[i] == 0) {
                step[i] = Double.POSITIVE_INFINITY;
                deadline[i] = Double.POSITIVE_INFINITY;
                continue;
            }
            double share = (double) weights[i] / total;
            double had = Math.floor(picks * share);
            sum += had;
            step[i] = 1 / share;
            deadline[i] = (had + 1) * step[i];
        }
        for (double left = picks - sum; left >= 1; left--) {
            next();
        }
    }

    @Override
    public int next() {
        int best = 0;
        for (int i = 1; i < deadline.length; i++) {
            if (deadline[i] < deadline[best]) {
                best = i;
            }
        }
        deadline[best] += step[best];
        return best;
    }
}
