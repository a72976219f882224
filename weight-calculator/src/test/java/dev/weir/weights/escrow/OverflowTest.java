package dev.weir.weights.escrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.weights.escrow.Overflow.Lot;
import dev.weir.weights.escrow.Overflow.Released;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class OverflowTest {
    /** Class i may use providers i and i + 1, the last one only the last. */
    private static final int CLASSES = 10;

    private static int[] starts() {
        int[] start = new int[CLASSES + 1];
        for (int t = 0; t < CLASSES; t++) {
            start[t + 1] = start[t] + (t == CLASSES - 1 ? 1 : 2);
        }
        return start;
    }

    private static int[] providers() {
        int[] provider = new int[2 * CLASSES - 1];
        for (int e = 0; e < provider.length; e++) {
            provider[e] = (e + 1) / 2;
        }
        return provider;
    }

    @Test
    void a_class_with_a_choice_makes_way_for_one_without() {
        ReleasePlan plan = new ReleasePlan(new int[] {0, 2, 3}, new int[] {0, 1, 0});
        // class 0 has the longer line and comes first; class 1 can use provider 0 only
        assertThat(plan.plan(new long[] {10, 9}, new long[] {9, 10})).containsExactly(0, 10, 9);
    }

    @Test
    void plans_are_the_best_there_are() {
        SplittableRandom random = new SplittableRandom(17);
        for (int round = 0; round < 300; round++) {
            int[] start = {0, 1 + random.nextInt(3), 0, 0};
            start[2] = start[1] + 1 + random.nextInt(3);
            start[3] = start[2] + 1 + random.nextInt(3);
            int[] provider = new int[start[3]];
            for (int t = 0; t < 3; t++) {
                int first = random.nextInt(3);
                for (int e = start[t]; e < start[t + 1]; e++) {
                    provider[e] = (first + e - start[t]) % 3;
                }
            }
            long[] backlog = {random.nextInt(5), random.nextInt(5), random.nextInt(5)};
            long[] room = {random.nextInt(5), random.nextInt(5), random.nextInt(5)};
            long[] grant = new ReleasePlan(start, provider).plan(backlog, room);
            long weight = 0;
            long[] used = new long[3];
            for (int t = 0; t < 3; t++) {
                long sum = 0;
                for (int e = start[t]; e < start[t + 1]; e++) {
                    assertThat(grant[e]).isNotNegative();
                    sum += grant[e];
                    used[provider[e]] += grant[e];
                }
                assertThat(sum).isLessThanOrEqualTo(backlog[t]);
                weight += backlog[t] * sum;
            }
            for (int k = 0; k < 3; k++) {
                assertThat(used[k]).isLessThanOrEqualTo(room[k]);
            }
            assertThat(weight).as("seed 17 round %d", round).isEqualTo(best(start, provider, backlog, room));
        }
    }

    /** All vectors of releases, tested by Hall's condition: each set of classes fits into the rooms that it may use. */
    private static long best(int[] start, int[] provider, long[] backlog, long[] room) {
        long best = 0;
        for (long a = 0; a <= backlog[0]; a++) {
            for (long b = 0; b <= backlog[1]; b++) {
                for (long c = 0; c <= backlog[2]; c++) {
                    long[] d = {a, b, c};
                    boolean fits = true;
                    for (int set = 1; set < 8; set++) {
                        long need = 0;
                        boolean[] usable = new boolean[3];
                        for (int t = 0; t < 3; t++) {
                            if ((set >> t & 1) == 1) {
                                need += d[t];
                                for (int e = start[t]; e < start[t + 1]; e++) {
                                    usable[provider[e]] = true;
                                }
                            }
                        }
                        long space = 0;
                        for (int k = 0; k < 3; k++) {
                            space += usable[k] ? room[k] : 0;
                        }
                        fits &= need <= space;
                    }
                    best = fits ? Math.max(best, a * backlog[0] + b * backlog[1] + c * backlog[2]) : best;
                }
            }
        }
        return best;
    }

    @Test
    void ten_chained_classes_at_95_percent_stay_bounded() {
        SplittableRandom random = new SplittableRandom(23);
        Overflow overflow = new Overflow(starts(), providers());
        int unit = 20;
        double[] queue = new double[CLASSES];
        double sum = 0;
        double most = 0;
        int slots = 60_000;
        for (int slot = 0; slot < slots; slot++) {
            for (int t = 0; t < CLASSES; t++) {
                for (int i = poisson(0.95 * unit, random); i > 0; i--) {
                    overflow.offer(t, new Lot("x", 1, Long.MAX_VALUE));
                }
            }
            long[] room = new long[CLASSES];
            for (int k = 0; k < CLASSES; k++) {
                room[k] = Math.max(0, (long) (unit - queue[k]));
            }
            for (Released released : overflow.release(room)) {
                queue[released.provider()]++;
            }
            double total = 0;
            for (int k = 0; k < CLASSES; k++) {
                queue[k] = Math.max(0, queue[k] - unit);
                total += (double) overflow.waiting(k) / unit;
            }
            sum += total;
            most = Math.max(most, total);
        }
        assertThat(sum / slots).as("mean escrow, slots of work").isLessThan(6);
        assertThat(most).isLessThan(20);
    }

    private static int poisson(double mean, SplittableRandom random) {
        double limit = Math.exp(-mean);
        double product = random.nextDouble();
        int n = 0;
        while (product > limit) {
            product *= random.nextDouble();
            n++;
        }
        return n;
    }

    @Test
    void lines_are_first_come_first_served_and_have_precedence() {
        Overflow overflow = new Overflow(new int[] {0, 1}, new int[] {0});
        assertThat(overflow.mustWait(0)).isFalse();
        overflow.offer(0, new Lot("first", 3, 100));
        overflow.offer(0, new Lot("second", 3, 50));
        overflow.offer(0, new Lot("third", 3, 100));
        assertThat(overflow.mustWait(0)).isTrue();
        assertThat(overflow.expire(50)).extracting(Lot::id).containsExactly("second");
        List<Released> released = overflow.release(new long[] {4});
        assertThat(released).extracting(r -> r.lot().id()).containsExactly("first", "third");
        assertThat(overflow.waiting(0)).isZero();
        assertThatThrownBy(() -> new Lot("none", 0, 1)).hasMessage("units: 0 (expected: at least 1)");
    }

    @Test
    void nothing_is_lost_and_nothing_appears() {
        SplittableRandom random = new SplittableRandom(29);
        Overflow overflow = new Overflow(starts(), providers());
        long offered = 0;
        long out = 0;
        for (int step = 0; step < 200_000; step++) {
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    Lot lot = new Lot("l" + step, 1 + random.nextInt(9), step + random.nextInt(500));
                    overflow.offer(random.nextInt(CLASSES), lot);
                    offered += lot.units();
                }
                case 2 -> {
                    long[] room = random.longs(CLASSES, 0, 12).toArray();
                    out += overflow.release(room).stream()
                            .mapToLong(r -> r.lot().units())
                            .sum();
                }
                default ->
                    out += overflow.expire(step).stream().mapToLong(Lot::units).sum();
            }
        }
        long waiting = 0;
        for (int t = 0; t < CLASSES; t++) {
            waiting += overflow.waiting(t);
        }
        assertThat(out + waiting).isEqualTo(offered);
    }

    @Test
    void room_looks_ahead() {
        assertThat(Overflow.room(9, 7, 175, 1, 0.25)).isEqualTo(41);
        assertThat(Overflow.room(500, 7, 175, 1, 0.25)).isZero();
        assertThat(Overflow.room(Double.NaN, 7, 175, 1, 0.25)).isZero();
        assertThat(Arrays.stream(new long[] {Overflow.room(0, 1, 1e300, 1, 1)}).sum())
                .isEqualTo(1_000_000_000_000_000L);
    }
}
