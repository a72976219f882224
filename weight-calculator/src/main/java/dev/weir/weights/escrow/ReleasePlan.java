package dev.weir.weights.escrow;

import java.util.Arrays;

/**
 * Which class's waiting work goes into which provider's room: max-weight with the backlogs as weights.
 *
 * <pre>  maximise sum_t B_t d_t,     d_t <= B_t,  the d_t placed within the rooms of the providers that t may use</pre>
 *
 * What can be placed together is a polymatroid, so serving classes in order of their backlog, each as far as rerouting the
 * earlier ones allows, is optimal (Edmonds, "Submodular functions, matroids, and certain polyhedra", 1970). Rerouting is an
 * augmenting path over classes and providers: a class with a choice makes way for one that has none. A fixed order or
 * proportional shares leave backlog growing although all of it could be carried (docs/theory.md).
 *
 * <p>Each augmentation empties a room, serves a class or frees an edge: {@code O(T E)} paths of {@code O(E)} at worst, a
 * handful in practice. Whole units, exact.
 */
public final class ReleasePlan {
    private static final int START = -1;
    private static final int UNSEEN = -2;

    private final int[] classStart;
    private final int[] provider;
    private final int[] owner;
    private final long[] grant;
    private final int[] from;
    private final int[] leaving;
    private final int[] queue;

    /**
     * @param classStart class t's edges are {@code classStart[t] .. classStart[t + 1] - 1}
     * @param provider the provider of each edge, distinct within a class
     */
    public ReleasePlan(int[] classStart, int[] provider) {
        this.classStart = classStart.clone();
        this.provider = provider.clone();
        owner = new int[provider.length];
        for (int t = 0; t + 1 < classStart.length; t++) {
            Arrays.fill(owner, classStart[t], classStart[t + 1], t);
        }
        grant = new long[provider.length];
        from = new int[provider.length];
        leaving = new int[provider.length];
        queue = new int[provider.length];
    }

    /**
     * @param backlog per class, units that wait, {@code >= 0}
     * @param room per provider, units that it takes now, {@code >= 0}
     * @return granted units per edge; the caller's copy
     */
    public long[] plan(long[] backlog, long[] room) {
        Arrays.fill(grant, 0);
        long[] left = room.clone();
        boolean[] served = new boolean[backlog.length];
        for (int round = 0; round < backlog.length; round++) {
            int t = -1;
            for (int i = 0; i < backlog.length; i++) {
                t = !served[i] && (t < 0 || backlog[i] > backlog[t]) ? i : t;
            }
            served[t] = true;
            long open = backlog[t];
            while (open > 0) {
                long moved = augment(t, open, left);
                if (moved == 0) {
                    break;
                }
                open -= moved;
            }
        }
        return grant.clone();
    }

    /** Finds room for class {@code t}, moving others' grants out of the way; returns the units placed, 0 = none found. */
    private long augment(int t, long most, long[] left) {
        // breadth first over edges: e is reached because leaving[e], an edge of from[e]'s provider, could move its
        // grant to e
        Arrays.fill(from, UNSEEN);
        int head = 0;
        int tail = 0;
        for (int e = classStart[t]; e < classStart[t + 1]; e++) {
            from[e] = START;
            queue[tail++] = e;
        }
        while (head < tail) {
            int e = queue[head++];
            if (left[provider[e]] > 0) {
                return place(e, Math.min(most, left[provider[e]]), left);
            }
            for (int g = 0; g < provider.length; g++) {
                if (provider[g] == provider[e] && g != e && grant[g] > 0) {
                    for (int f = classStart[owner[g]]; f < classStart[owner[g] + 1]; f++) {
                        if (from[f] == UNSEEN) {
                            from[f] = e;
                            leaving[f] = g;
                            queue[tail++] = f;
                        }
                    }
                }
            }
        }
        return 0;
    }

    private long place(int last, long most, long[] left) {
        long moved = most;
        for (int e = last; from[e] != START; e = from[e]) {
            moved = Math.min(moved, grant[leaving[e]]);
        }
        left[provider[last]] -= moved;
        int e = last;
        for (; from[e] != START; e = from[e]) {
            grant[e] += moved;
            grant[leaving[e]] -= moved;
        }
        grant[e] += moved;
        return moved;
    }
}
