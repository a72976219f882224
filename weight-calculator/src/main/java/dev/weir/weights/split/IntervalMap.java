package dev.weir.weights.split;

import java.util.ArrayList;
import java.util.List;

/**
 * A pushed list for pools whose conversations stay where they are: intervals over {@code [0, total)} that change owners as
 * little as any weights allow.
 *
 * <p>A sidecar maps a conversation to {@code hash mod total} and walks the list; with one entry per member, a change of one
 * weight shifts the intervals of all later ones. Here a member may own several intervals. From one map to the next only what
 * must shrink is cut and given to what must grow, so exactly {@code sum (w - w')^+} of the keys move, the least possible.
 *
 * <p>Cuts are taken from the end of a shrinking member's last interval, so that fragments form late; neighbours with one
 * owner are merged; a list longer than {@code longest} is laid out afresh once, which moves more keys that once.
 *
 * <p>Worked example, total 10: A 5, B 3, C 2 to A 4, B 3, C 3 gives A 4, C 1, B 3, C 2: one key in ten moves, where the plain
 * list would move two.
 */
public final class IntervalMap {
    private IntervalMap() {}

    /**
     * @param member index of the owner
     * @param length {@code > 0}
     */
    public record Interval(int member, int length) {}

    /** One interval per member with weight, in order. */
    public static List<Interval> plain(int[] weight) {
        List<Interval> map = new ArrayList<>();
        for (int i = 0; i < weight.length; i++) {
            append(map, i, weight[i]);
        }
        return List.copyOf(map);
    }

    /**
     * @param last the map in force, over the same members and total
     * @param weight new weights, {@code >= 0}, same sum
     * @param longest most intervals that the list may have; a plain one is made where it would be longer
     */
    public static List<Interval> next(List<Interval> last, int[] weight, int longest) {
        long[] change = new long[weight.length];
        for (int i = 0; i < weight.length; i++) {
            change[i] = weight[i];
        }
        for (Interval interval : last) {
            if (interval.member() < 0 || interval.member() >= weight.length) {
                return plain(weight);
            }
            change[interval.member()] -= interval.length();
        }
        long sum = 0;
        for (long c : change) {
            sum += c;
        }
        if (sum != 0) {
            return plain(weight);
        }
        List<Interval> map = new ArrayList<>();
        int[] cut = cuts(last, change);
        int taker = 0;
        for (int i = 0; i < last.size(); i++) {
            Interval interval = last.get(i);
            append(map, interval.member(), interval.length() - cut[i]);
            int free = cut[i];
            while (free > 0) {
                while (change[taker] <= 0) {
                    taker++;
                }
                int part = (int) Math.min(free, change[taker]);
                append(map, taker, part);
                change[taker] -= part;
                free -= part;
            }
        }
        return map.size() > longest ? plain(weight) : List.copyOf(map);
    }

    /** How much each interval gives away: a shrinking member's last ones first. */
    private static int[] cuts(List<Interval> last, long[] change) {
        long[] toCut = new long[change.length];
        for (int i = 0; i < change.length; i++) {
            toCut[i] = Math.max(0, -change[i]);
        }
        int[] cut = new int[last.size()];
        for (int i = last.size() - 1; i >= 0; i--) {
            int member = last.get(i).member();
            cut[i] = (int) Math.min(toCut[member], last.get(i).length());
            toCut[member] -= cut[i];
        }
        return cut;
    }

    private static void append(List<Interval> map, int member, int length) {
        if (length <= 0) {
            return;
        }
        int end = map.size() - 1;
        if (end >= 0 && map.get(end).member() == member) {
            map.set(end, new Interval(member, map.get(end).length() + length));
        } else {
            map.add(new Interval(member, length));
        }
    }
}
