package dev.weir.weights.split;

/**
 * Least and largest weights. A member that would get less than its least gets that, one that would get more than its cap gets the
 * cap, and the others share the rest in proportion. Where the caps leave room for less than the total they are lifted:
 * traffic has to go somewhere.
 *
 * <p>{@code O(n)} per round, at most {@code 2 n} rounds; one where nothing is bounded.
 */
public final class WeightBounds {
    private WeightBounds() {}

    /**
     * @param share {@code >= 0}, finite, equal ones when all are 0; becomes each one's exact weight above its least, in sum
     *     {@code total - sum least}
     * @param least {@code >= 0}, in sum at most {@code total}, each at most its cap
     * @param cap largest weight
     * @param n how many of the arrays' elements count, {@code >= 1}
     * @param total what the weights will sum to
     */
    public static void apply(double[] share, int[] least, int[] cap, int n, int total) {
        double sum = 0;
        double room = 0;
        boolean capped = false;
        for (int i = 0; i < n; i++) {
            sum += share[i];
            room += cap[i];
            capped |= cap[i] < total;
        }
        for (int i = 0; i < n; i++) {
            share[i] = sum > 0 ? share[i] / sum * total : (double) total / n;
        }
        raise(share, least, n);
        if (capped && room >= total) {
            cut(share, cap, n);
        }
        for (int i = 0; i < n; i++) {
            share[i] = Math.max(0, share[i] - least[i]);
        }
    }

    private static void raise(double[] share, int[] least, int n) {
        for (int round = 0; round < n; round++) {
            double missing = 0;
            double above = 0;
            for (int i = 0; i < n; i++) {
                if (share[i] <= least[i]) {
                    missing += least[i] - share[i];
                    share[i] = least[i];
                } else {
                    above += share[i];
                }
            }
            if (missing <= 0 || above <= 0) {
                return;
            }
            double keep = Math.max(0, 1 - missing / above);
            for (int i = 0; i < n; i++) {
                if (share[i] > least[i]) {
                    share[i] *= keep;
                }
            }
        }
    }

    private static void cut(double[] share, int[] cap, int n) {
        for (int round = 0; round < n; round++) {
            double over = 0;
            double below = 0;
            int under = 0;
            for (int i = 0; i < n; i++) {
                if (share[i] > cap[i]) {
                    over += share[i] - cap[i];
                    share[i] = cap[i];
                } else if (share[i] < cap[i]) {
                    below += share[i];
                    under++;
                }
            }
            if (over <= 0 || under == 0) {
                return;
            }
            for (int i = 0; i < n; i++) {
                if (share[i] < cap[i]) {
                    share[i] += below > 0 ? over * share[i] / below : over / under;
                }
            }
        }
    }
}
