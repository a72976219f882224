package dev.weir.weights.split;

import dev.weir.weights.estimate.BacklogPredictor;

/**
 * How much work is expected to wait under a split that stays in force: what a push can save.
 *
 * <pre>
 *   Q = mean over t in {H, 2H} of  sum_k w_k E[(N_k(t) - s_k)^+],     N(t) normal with
 *     mean      the fluid's, {@link BacklogPredictor}
 *     variance  min(N, s) e (1 - e) + x S (1 - e),   e = exp(-t / S);   at least s min(1, t / S) where the mean is above s</pre>
 *
 * The variance is that of M/M/infinity: what is in service now is still there with probability {@code e}, newcomers are
 * Poisson (Eick, Massey and Whitt, "The physics of the Mt/G/infinity queue", Oper. Res. 41, 1993); with all slots busy, that of
 * the departures. That is on the low side: what has to wait once makes others wait, which it leaves out. {@code (Q(p) - Q(q)) / sum lambda} is by Little's law the mean wait in seconds that a request saves under
 * {@code q}. Unlike {@link PredictedDelay} it knows that where slots are free nothing waits, however unequal they are filled;
 * and unlike that it does not tell a long queue from two short ones, so that it alone guarantees no throughput.
 *
 * <p>{@code O(E + K)}; allocates only to grow. Not safe for several threads.
 */
public final class ExpectedQueue {
    private static final int TIMES = 2;
    private static final double MIN_VARIANCE = 1e-9;
    private static final double ROOT_TWO_PI = StrictMath.sqrt(2 * Math.PI);

    /** Per provider: requests there now, slots, mean service time in seconds, mean work of a request. */
    public final double[] present;

    public final double[] slots;
    public final double[] serviceSeconds;
    public final double[] workPerRequest;
    private final double[] load;

    /** @param providers {@code K} */
    public ExpectedQueue(int providers) {
        present = new double[providers];
        slots = new double[providers];
        serviceSeconds = new double[providers];
        workPerRequest = new double[providers];
        load = new double[providers];
    }

    /**
     * @param weight whole weights per member; a pool's sum is its scale
     * @return {@code Q}, work units
     */
    public double of(SplitProblem p, int[] weight) {
        p.loads(weight, load);
        double queue = 0;
        for (int k = 0; k < load.length; k++) {
            if (load[k] > 0) {
                for (int i = 1; i <= TIMES; i++) {
                    queue += workPerRequest[k] * waiting(k, load[k] / workPerRequest[k], i * p.horizon) / TIMES;
                }
            }
        }
        return queue;
    }

    /** By how much the work at a provider grows in some seconds while so much comes, work units and work units per second. */
    double moved(int k, double work, double seconds) {
        double requests =
                BacklogPredictor.after(present[k], work / workPerRequest[k], slots[k], serviceSeconds[k], seconds);
        return workPerRequest[k] * (requests - present[k]);
    }

    private double waiting(int k, double arrivals, double seconds) {
        double s = slots[k];
        double service = serviceSeconds[k];
        double mean = BacklogPredictor.after(present[k], arrivals, s, service, seconds);
        double stays = StrictMath.exp(-seconds / service);
        double variance = (Math.min(present[k], s) * stays + arrivals * service) * (1 - stays);
        if (mean > s) {
            variance = Math.max(variance, s * Math.min(1, seconds / service));
        }
        double deviation = Math.sqrt(Math.max(MIN_VARIANCE, variance));
        double z = (mean - s) / deviation;
        return (mean - s) * below(z) + deviation * StrictMath.exp(-z * z / 2) / ROOT_TWO_PI;
    }

    /** The normal distribution function, within 2e-4 (Page, "Approximations to the cumulative normal function", Appl. Stat. 26, 1977). */
    private static double below(double z) {
        return 1 / (1 + StrictMath.exp(-2 * z * (0.7988 + 0.03528 * z * z)));
    }
}
