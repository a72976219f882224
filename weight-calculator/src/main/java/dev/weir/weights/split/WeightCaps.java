package dev.weir.weights.split;

/**
 * Largest weights: whoever would get more than its cap gets the cap, and the others share the rest in proportion. Where
 * the caps leave room for less than the total, they are lifted: traffic has to go somewhere.
 *
 * <p>{@code O(n)} per round, at most {@code n} rounds; one where nothing is capped.
 */
public final class WeightCaps {
    private WeightCaps() {}

    /**
     * @param share changed in place: {@code >= 0}, finite; equal ones when all are 0
     * @param cap largest weight
     * @param n how many of the arrays' elements count, {@code >= 1}
     * @param total what the weights will sum to
     * @param least what each weight gets beforehand, part of the total
     */
    public static void apply(double[] share, int[] cap, int n, int total, int least) {
        double sum = 0;
        double room = 0;
        double lowestCap = Double.POSITIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            sum += share[i];
            room += cap[i];
            lowestCap = Math.min(lowestCap, cap[i]);
        }
        double free = total - (double) least * n;
        for (int i = 0; i < n; i++) {
            share[i] = sum > 0 ? share[i] / sum * free : free / n;
        }
        if (lowestCap >= total || room < total) {
            return;
        }
        for (int round = 0; round < n; round++) {
            double over = 0;
            double below = 0;
            int under = 0;
            for (int i = 0; i < n; i++) {
                double most = cap[i] - least;
                if (share[i] > most) {
                    over += share[i] - most;
                    share[i] = most;
                } else if (share[i] < most) {
                    below += share[i];
                    under++;
                }
            }
            if (over <= 0 || under == 0) {
                return;
            }
            for (int i = 0; i < n; i++) {
                if (share[i] < cap[i] - least) {
                    share[i] += below > 0 ? over * share[i] / below : over / under;
                }
            }
        }
    }
}
