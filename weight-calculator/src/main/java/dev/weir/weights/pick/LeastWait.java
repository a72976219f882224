package dev.weir.weights.pick;

import java.util.Arrays;

/**
 * Chooses for one request the provider with the least expected wait, and another one for its retry. Serial; nothing is
 * allocated after the construction.
 *
 * <pre>
 *   wait_k = w_k (N_k + 1 - s_k) / mu_k     [s]
 *     N    requests in flight: granted here and not ended, and those of others
 *     s    slots, w mean work of a request, mu work units per second
 * </pre>
 *
 * <p>A positive value is the wait that the request would have. Among all that have none, the one with the largest share of its slots
 * free is chosen; a share, not a time, or whoever has become slow would look the emptier for it. Join-the-shortest-queue for unequal
 * servers, Whitt, Operations Research 34 (1986).
 *
 * <p>Of one that comes back only some slots are warm. The others have no wait either, but come after the warm ones of all.
 *
 * <p>A provider has room while {@code N < s + o}: {@code o} requests beyond its slots hide the time until an end is known
 * and the next request has come, {@code o = max(1, 2 mu lag / w)}.
 */
public final class LeastWait {
    public static final int NONE = -1;

    /** A cold slot costs less than any wait and more than any warm slot. */
    private static final double COLD_SECONDS = 1e-6;

    private final int[] granted;
    private final int[] foreign;
    private final int[] slots;
    private final int[] warm;
    private final double[] overCommit;
    private final double[] secondsPerRequest;
    private final boolean[] open;
    private int first = NONE;
    private int second = NONE;

    /** A choice among {@code providers} providers, numbered from 0; each is closed until {@link #setState} opens it. */
    public LeastWait(int providers) {
        granted = new int[providers];
        foreign = new int[providers];
        slots = new int[providers];
        warm = new int[providers];
        overCommit = new double[providers];
        secondsPerRequest = new double[providers];
        open = new boolean[providers];
        Arrays.fill(slots, 1);
        Arrays.fill(warm, 1);
        Arrays.fill(overCommit, 1);
        Arrays.fill(secondsPerRequest, 1);
    }

    /** Requests beyond the slots that hide {@code lagSeconds} from an end to the next request's coming. */
    public static double overCommit(double capacity, double work, double lagSeconds) {
        return Math.max(1, 2 * capacity * lagSeconds / work);
    }

    /**
     * @param slotCount {@code s}, {@code >= 1}
     * @param warmSlots those of them that are taken first, 1 to {@code s}
     * @param capacity {@code mu}, work units per second, {@code > 0}
     * @param work {@code w}, {@code > 0}
     * @param beyond {@code o}, {@code >= 0}
     * @param opened whether it may be chosen
     */
    public void setState(
            int provider, int slotCount, int warmSlots, double capacity, double work, double beyond, boolean opened) {
        slots[provider] = slotCount;
        warm[provider] = warmSlots;
        secondsPerRequest[provider] = work / capacity;
        overCommit[provider] = beyond;
        open[provider] = opened;
    }

    /** Closes a provider: it is not chosen any more. What is granted stays. */
    public void close(int provider) {
        open[provider] = false;
    }

    public void grant(int provider) {
        granted[provider]++;
    }

    public void end(int provider) {
        granted[provider]--;
    }

    /** Requests that others sent there. */
    public void setOthers(int provider, int requests) {
        foreign[provider] = requests;
    }

    /** Granted here and not ended. */
    public int granted(int provider) {
        return granted[provider];
    }

    public int inFlight(int provider) {
        return granted[provider] + foreign[provider];
    }

    public boolean open(int provider) {
        return open[provider];
    }

    public boolean hasRoom(int provider) {
        return inFlight(provider) < slots[provider] + overCommit[provider];
    }

    /** What a request sent there now would wait, seconds, {@code >= 0}. */
    public double expectedWaitSeconds(int provider) {
        return Math.max(0, cost(provider));
    }

    /**
     * Chooses among open providers: {@link #first} among the first {@code regular} of {@code members}, unless none of these is
     * open, and {@link #second} among all of them.
     *
     * @param excluded a provider not to be chosen, or {@link #NONE}
     */
    public void choose(int[] members, int regular, int excluded) {
        first = least(members, regular, excluded, NONE, false);
        if (first == NONE) {
            first = least(members, members.length, excluded, NONE, false);
        }
        second = first == NONE ? NONE : least(members, members.length, excluded, first, false);
    }

    /** Chooses as {@link #choose} does, among those that have room; the second choice may have none. */
    public void chooseWithRoom(int[] members, int regular, int excluded) {
        first = least(members, regular, excluded, NONE, true);
        if (first == NONE && !anyOpen(members, regular)) {
            first = least(members, members.length, excluded, NONE, true);
        }
        second = first == NONE ? NONE : least(members, members.length, excluded, first, false);
    }

    /** Chooses the second one alone, for a request that goes to {@code provider} whatever others have. */
    public void chooseSecond(int[] members, int provider) {
        first = provider;
        second = least(members, members.length, NONE, provider, false);
    }

    /** Takes {@code provider} alone, for a request that no other can serve: there is no second choice. */
    public void only(int provider) {
        first = provider;
        second = NONE;
    }

    /** The provider that was chosen; {@link #NONE} = there is none. */
    public int first() {
        return first;
    }

    /** The provider for a retry; {@link #NONE} = there is no other. */
    public int second() {
        return second;
    }

    private boolean anyOpen(int[] members, int regular) {
        for (int i = 0; i < regular; i++) {
            if (open[members[i]]) {
                return true;
            }
        }
        return false;
    }

    private int least(int[] members, int count, int excluded, int other, boolean withRoom) {
        int best = NONE;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            int k = members[i];
            if (open[k] && k != excluded && k != other && !(withRoom && !hasRoom(k))) {
                double cost = cost(k);
                if (cost < least) {
                    least = cost;
                    best = k;
                }
            }
        }
        return best;
    }

    private double cost(int provider) {
        int with = granted[provider] + foreign[provider] + 1;
        if (with > warm[provider] && with <= slots[provider]) {
            return COLD_SECONDS * (with - warm[provider]) / slots[provider];
        }
        return with <= warm[provider]
                ? (double) with / warm[provider] - 1
                : (with - slots[provider]) * secondsPerRequest[provider];
    }
}
