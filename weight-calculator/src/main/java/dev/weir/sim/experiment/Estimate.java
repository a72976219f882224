package dev.weir.sim.experiment;

import java.util.Arrays;

/**
 * A mean over independent seeds with its 95 % confidence half-width by Student's t; infinite with a single seed.
 *
 * @param mean of the seeds' figures
 * @param halfWidth of the interval
 */
public record Estimate(double mean, double halfWidth) {
    /** 97.5 % points of t with 1, 2, ... degrees of freedom. */
    private static final double[] T = {
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
        2.110, 2.101, 2.093, 2.086
    };

    public static Estimate of(double[] seeds) {
        int n = seeds.length;
        double mean = Arrays.stream(seeds).average().orElse(Double.NaN);
        if (n < 2) {
            return new Estimate(mean, Double.POSITIVE_INFINITY);
        }
        double squares = Arrays.stream(seeds).map(x -> (x - mean) * (x - mean)).sum();
        double t = n - 2 < T.length ? T[n - 2] : 1.96;
        return new Estimate(mean, t * Math.sqrt(squares / (n - 1) / n));
    }
}
