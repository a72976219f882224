package dev.weir.weights.pick;

/**
 * The number that steers a request through a list of {@code n} entries of weight 1: Envoy takes it modulo {@code n} for the
 * first attempt, and for a retry modulo {@code n - 1} over the entries that are left, in the order of the list.
 *
 * <pre>
 *   v = i + m n      v mod n = i,   v mod (n - 1) = (i + m) mod (n - 1) = j'   for   m = (j' - i) mod (n - 1)
 *     i  place of the first choice,   j'  place of the second among those that are left
 * </pre>
 */
public final class PickNumber {
    private PickNumber() {}

    /**
     * @param entries {@code n >= 1}
     * @param first place of the first choice, 0 - n-1
     * @param second place of the second one, another; negative = none, wherever the retry goes
     */
    public static long of(int entries, int first, int second) {
        if (entries < 2 || second < 0) {
            return first;
        }
        int left = second > first ? second - 1 : second;
        return first + (long) Math.floorMod(left - first, entries - 1) * entries;
    }
}
