package dev.weir.sim.slotted;

import dev.weir.sim.engine.Slope;
import dev.weir.weights.escrow.Overflow;
import dev.weir.weights.escrow.Overflow.Lot;
import dev.weir.weights.escrow.Overflow.Released;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Providers with little room and the lines of work that wait for it: each slot, classes bring lots of one unit, what there is
 * room for is released, providers serve.
 */
public final class EscrowRun {
    private EscrowRun() {}

    /** How waiting work is released. */
    public enum Release {
        /** the decision core's max-weight plan */
        OURS,
        /** classes in a fixed order, members in list order */
        CLASS_ORDER
    }

    /**
     * All in slots of work of one provider of capacity 1.
     *
     * @param slope growth of what waits per slot, least squares over the second half
     * @param lost lots offered less those released and those still waiting
     */
    public record Outcome(double mean, double largest, double slope, long lost) {}

    /** @param room work that a provider holds at most, slots of its capacity */
    public static Outcome run(Network network, Release release, int room, int slots, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int classes = network.members().size();
        int[] start = new int[classes + 1];
        for (int t = 0; t < classes; t++) {
            start[t + 1] = start[t] + network.members().get(t).size();
        }
        int[] provider = network.members().stream()
                .flatMap(m -> m.stream())
                .mapToInt(Integer::intValue)
                .toArray();
        Overflow lines = new Overflow(start, provider);
        long[] waiting = new long[classes];
        double[] held = new double[network.capacity().size()];
        Slope slope = new Slope();
        double sum = 0;
        long largest = 0;
        long offered = 0;
        long released = 0;
        for (int slot = 0; slot < slots; slot++) {
            for (int t = 0; t < classes; t++) {
                long lots = SlottedRun.poisson(network.rates().get(t) * SlottedRun.GRAIN, random);
                for (long i = 0; i < lots && release == Release.OURS; i++) {
                    lines.offer(t, new Lot(Long.toString(offered + i), 1, Long.MAX_VALUE));
                }
                offered += lots;
                waiting[t] += lots;
            }
            long[] rooms = new long[held.length];
            for (int k = 0; k < held.length; k++) {
                rooms[k] = (long) Math.floor(room * network.capacity().get(k) * SlottedRun.GRAIN - held[k]);
            }
            if (release == Release.OURS) {
                for (Released one : lines.release(rooms)) {
                    held[one.provider()] += one.lot().units();
                    released++;
                }
            } else {
                released += inOrder(start, provider, waiting, rooms, held);
            }
            for (int k = 0; k < held.length; k++) {
                held[k] = Math.max(0, held[k] - network.capacity().get(k) * SlottedRun.GRAIN);
            }
            long line = release == Release.OURS
                    ? inLines(lines, classes)
                    : Arrays.stream(waiting).sum();
            sum += line;
            largest = Math.max(largest, line);
            if (slot >= slots / 2) {
                slope.add(slot, (double) line / SlottedRun.GRAIN);
            }
        }
        long left = release == Release.OURS
                ? inLines(lines, classes)
                : Arrays.stream(waiting).sum();
        return new Outcome(
                sum / slots / SlottedRun.GRAIN,
                (double) largest / SlottedRun.GRAIN,
                slope.value(),
                offered - released - left);
    }

    private static long inLines(Overflow lines, int classes) {
        long sum = 0;
        for (int t = 0; t < classes; t++) {
            sum += lines.waiting(t);
        }
        return sum;
    }

    private static long inOrder(int[] start, int[] provider, long[] waiting, long[] rooms, double[] held) {
        long released = 0;
        for (int t = 0; t < waiting.length; t++) {
            for (int e = start[t]; e < start[t + 1]; e++) {
                long units = Math.max(0, Math.min(waiting[t], rooms[provider[e]]));
                waiting[t] -= units;
                rooms[provider[e]] -= units;
                held[provider[e]] += units;
                released += units;
            }
        }
        return released;
    }
}
