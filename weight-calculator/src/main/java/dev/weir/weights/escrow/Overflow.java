package dev.weir.weights.escrow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Lots that found no room, in line by class.
 *
 * <ul>
 *   <li>Within a class first come, first served.
 *   <li>Across classes by {@link ReleasePlan}, the longest line first.
 *   <li>Precedence: while a class has a line, fresh work goes to its end ({@link #mustWait}), else those who waited wait for
 *       ever.
 *   <li>Look-ahead: a provider's room is {@code w (s + mu x drain period - N)}, so that it does not run dry before the next
 *       release.
 * </ul>
 *
 * <p>Conservation, exact: what was offered is what waits, what was released and what was taken out. Not safe for several threads.
 */
public final class Overflow {
    private final ReleasePlan plan;
    private final int[] classStart;
    private final int[] provider;
    private final List<Deque<Lot>> lines = new ArrayList<>();
    private final long[] waiting;

    /**
     * @param id unique
     * @param units work in whole units, {@code >= 1}
     * @param deadlineNanos when it is given up
     */
    public record Lot(String id, long units, long deadlineNanos) {
        public Lot {
            if (units < 1) {
                throw new IllegalArgumentException("units: " + units + " (expected: at least 1)");
            }
        }
    }

    /**
     * @param lot whole: a request is not divided
     * @param provider where it goes
     */
    public record Released(Lot lot, int provider) {}

    /**
     * @param classStart see {@link ReleasePlan}
     * @param provider see {@link ReleasePlan}
     */
    public Overflow(int[] classStart, int[] provider) {
        plan = new ReleasePlan(classStart, provider);
        this.classStart = classStart.clone();
        this.provider = provider.clone();
        waiting = new long[classStart.length - 1];
        for (int t = 0; t < waiting.length; t++) {
            lines.add(new ArrayDeque<>());
        }
    }

    /**
     * Room in whole units.
     *
     * @param inFlight {@code N}
     * @param slots {@code s}
     * @param capacity {@code mu}, work per second
     * @param workPerRequest {@code w}
     * @param drainSeconds until the next release
     */
    public static long room(
            double inFlight, double slots, double capacity, double workPerRequest, double drainSeconds) {
        double room = workPerRequest * (slots - inFlight) + capacity * drainSeconds;
        return room > 0 ? (long) Math.min(1e15, room) : 0;
    }

    /** Whether fresh work of a class has to join its line. */
    public boolean mustWait(int ofClass) {
        return waiting[ofClass] > 0;
    }

    /** Adds a lot to the end of its class's line. */
    public void offer(int ofClass, Lot lot) {
        lines.get(ofClass).add(lot);
        waiting[ofClass] = Math.addExact(waiting[ofClass], lot.units());
    }

    /**
     * Releases what the rooms take. A lot goes whole to a provider with units granted to its class; the last one may be larger
     * than what is left of the grant, so a room is exceeded by less than one lot and never for nothing.
     *
     * @param room per provider, units
     */
    public List<Released> release(long[] room) {
        long[] grant = plan.plan(waiting, room);
        List<Released> released = new ArrayList<>();
        for (int t = 0; t < waiting.length; t++) {
            for (int e = classStart[t]; e < classStart[t + 1]; e++) {
                long left = grant[e];
                while (left > 0 && !lines.get(t).isEmpty()) {
                    Lot lot = lines.get(t).remove();
                    waiting[t] -= lot.units();
                    left -= lot.units();
                    released.add(new Released(lot, provider[e]));
                }
            }
        }
        return released;
    }

    /** Takes out the lots whose deadline has passed, wherever they stand; their money goes back. */
    public List<Lot> expire(long nowNanos) {
        List<Lot> expired = new ArrayList<>();
        for (int t = 0; t < waiting.length; t++) {
            int ofClass = t;
            lines.get(t).removeIf(lot -> {
                boolean late = lot.deadlineNanos() - nowNanos <= 0;
                if (late) {
                    expired.add(lot);
                    waiting[ofClass] -= lot.units();
                }
                return late;
            });
        }
        return expired;
    }

    /** Units in a class's line. */
    public long waiting(int ofClass) {
        return waiting[ofClass];
    }
}
