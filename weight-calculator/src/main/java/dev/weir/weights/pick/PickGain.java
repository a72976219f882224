package dev.weir.weights.pick;

/**
 * What a pick saves a request against the pushed split: seconds of waiting, on the low side.
 *
 * <pre>
 *   V(s, S, u) = S u^(sqrt(2 (s + 1)) - 1) / (s (1 - u))     [s]   s slots, S service time, u utilisation
 *   gain = ( sum_k p_k (1 + p_k) / 2 V(s_k, S_k, u)  -  V(sum_k s_k, S, u) ) / 3,     p_k = mu_k / sum mu
 * </pre>
 *
 * <p>{@code V} is the wait of M/M/s (Sakasegawa, "An approximation formula L_q = alpha rho^beta / (1 - rho)", Ann. Inst. Stat. Math.
 * 29, 1977). A share {@code p} of a Poisson stream, dealt out by a counter, varies {@code p} times as much; a pick makes all
 * slots one queue. A third of the difference, because the split follows the queues, which fixed shares do not, and because a pick that
 * is late is made by old books: simulated, picks save about half of it (docs/theory.md 7).
 */
public final class PickGain {
    /** Utilisation beyond which a stationary wait says nothing. */
    private static final double MAX_UTILISATION = 0.98;

    private PickGain() {}

    /**
     * @param slots by provider, {@code >= 1}
     * @param capacity by provider: requests per second with all slots busy; one with none is left out
     * @param utilisation of the pool, {@code >= 0}
     * @return seconds, {@code >= 0}
     */
    public static double seconds(int[] slots, double[] capacity, double utilisation) {
        double u = Math.max(0, Math.min(MAX_UTILISATION, utilisation));
        double all = 0;
        double allSlots = 0;
        for (int k = 0; k < slots.length; k++) {
            if (capacity[k] > 0) {
                all += capacity[k];
                allSlots += slots[k];
            }
        }
        if (all <= 0 || u <= 0) {
            return 0;
        }
        double split = 0;
        for (int k = 0; k < slots.length; k++) {
            if (capacity[k] > 0) {
                double share = capacity[k] / all;
                split += share * (1 + share) / 2 * wait(slots[k], slots[k] / capacity[k], u);
            }
        }
        return Math.max(0, split - wait(allSlots, allSlots / all, u)) / 3;
    }

    private static double wait(double slots, double serviceSeconds, double u) {
        return serviceSeconds * Math.pow(u, Math.sqrt(2 * (slots + 1)) - 1) / (slots * (1 - u));
    }
}
