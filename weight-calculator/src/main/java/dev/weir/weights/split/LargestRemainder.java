package dev.weir.weights.split;

/**
 * Shares to whole weights with an exact sum, by largest remainder (Hamilton's method) with carried residues.
 *
 * <p>Each member's target is {@code share x total + residue}; it gets the floor, and what is left goes one each to the
 * largest fractions, ties to the earlier member. The residue {@code target - weight} is carried to the next release, so
 * that what a member has been given over all releases never strays from its exact share by a whole unit or more.
 *
 * <p>Worked example, total 10, shares (1/3, 1/3, 1/3): targets 3.33 each, floors 3, one left: (4, 3, 3), residues
 * (-.67, .33, .33); next time the targets are (2.67, 3.67, 3.67), floors (2, 3, 3), two left: (3, 4, 3), and so on.
 *
 * <p>{@code O(n)} expected. Allocates only to grow. Not safe for several threads.
 */
public final class LargestRemainder {
    private double[] fraction = new double[0];
    private double[] scratch = new double[0];

    /**
     * @param share {@code >= 0}, finite; element {@code from + i} belongs to member {@code i}; need not sum to 1
     * @param residue carried from the last release, each in (-1, 1)
     * @param total exact sum of the weights, {@code >= 0}
     * @param weight result, each {@code >= 0}
     * @param carry result: the residues to keep if these weights are released
     */
    public void round(double[] share, double[] residue, int from, int to, int total, int[] weight, double[] carry) {
        int n = to - from;
        if (n == 0) {
            return;
        }
        if (fraction.length < n) {
            fraction = new double[n];
            scratch = new double[n];
        }
        double sum = 0;
        for (int e = from; e < to; e++) {
            sum += share[e];
        }
        long given = 0;
        for (int e = from; e < to; e++) {
            double exact = sum > 0 ? share[e] / sum * total : (double) total / n;
            double target = Math.max(0, exact + residue[e]);
            weight[e] = (int) Math.min(total, (long) target);
            fraction[e - from] = target - weight[e];
            carry[e] = exact + residue[e];
            given += weight[e];
        }
        long left = total - given;
        while (left >= n) {
            for (int e = from; e < to; e++) {
                weight[e]++;
            }
            left -= n;
        }
        if (left > 0) {
            raise(from, n, (int) left, weight);
        }
        lower(from, n, -left, weight);
        for (int e = from; e < to; e++) {
            carry[e] = Math.max(-1, Math.min(1, carry[e] - weight[e]));
        }
    }

    /** Adds one to each of the {@code left} largest fractions. */
    private void raise(int from, int n, int left, int[] weight) {
        System.arraycopy(fraction, 0, scratch, 0, n);
        double bar = select(scratch, n, n - left);
        int above = 0;
        for (int i = 0; i < n; i++) {
            if (fraction[i] > bar) {
                above++;
            }
        }
        int ties = left - above;
        for (int i = 0; i < n; i++) {
            if (fraction[i] > bar || (fraction[i] == bar && ties-- > 0)) {
                weight[from + i]++;
            }
        }
    }

    /** Takes back what clamped targets gave too much: one each from the smallest fractions of those that have any. */
    private void lower(int from, int n, long surplus, int[] weight) {
        long left = surplus;
        while (left > 0) {
            int some = 0;
            for (int i = 0; i < n; i++) {
                if (weight[from + i] > 0) {
                    scratch[some++] = fraction[i];
                }
            }
            int now = (int) Math.min(left, some);
            double bar = select(scratch, some, now - 1);
            int below = 0;
            for (int i = 0; i < n; i++) {
                below += weight[from + i] > 0 && fraction[i] < bar ? 1 : 0;
            }
            int ties = now - below;
            for (int i = 0; i < n; i++) {
                if (weight[from + i] > 0 && (fraction[i] < bar || (fraction[i] == bar && ties-- > 0))) {
                    weight[from + i]--;
                }
            }
            left -= now;
        }
    }

    /** The element that would be at {@code rank} if the first {@code n} were sorted ascending; reorders them. */
    private static double select(double[] values, int n, int rank) {
        int low = 0;
        int high = n - 1;
        while (low < high) {
            double a = values[low];
            double b = values[(low + high) >>> 1];
            double c = values[high];
            double pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
            int i = low;
            int j = high;
            while (i <= j) {
                while (values[i] < pivot) {
                    i++;
                }
                while (values[j] > pivot) {
                    j--;
                }
                if (i <= j) {
                    double swap = values[i];
                    values[i++] = values[j];
                    values[j--] = swap;
                }
            }
            if (rank <= j) {
                high = j;
            } else if (rank >= i) {
                low = i;
            } else {
                return values[rank];
            }
        }
        return values[rank];
    }
}
