package dev.weir.weights.split;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.weights.split.IntervalMap.Interval;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class IntervalMapTest {
    private static int[] owners(List<Interval> map) {
        return map.stream()
                .flatMapToInt(
                        i -> java.util.stream.IntStream.range(0, i.length()).map(x -> i.member()))
                .toArray();
    }

    private static int moved(int[] before, int[] after) {
        int moved = 0;
        for (int i = 0; i < before.length; i++) {
            moved += before[i] == after[i] ? 0 : 1;
        }
        return moved;
    }

    @Test
    void worked_example() {
        List<Interval> map = IntervalMap.next(IntervalMap.plain(new int[] {5, 3, 2}), new int[] {4, 3, 3}, 10);
        assertThat(map).containsExactly(new Interval(0, 4), new Interval(2, 1), new Interval(1, 3), new Interval(2, 2));
    }

    @Test
    void as_few_keys_move_as_possible_over_any_sequence_of_weights() {
        SplittableRandom random = new SplittableRandom(12);
        int total = 1_000;
        for (int round = 0; round < 100; round++) {
            int n = 1 + random.nextInt(8);
            List<Interval> map = IntervalMap.plain(draw(n, total, random));
            for (int step = 0; step < 30; step++) {
                int[] before = owners(map);
                int[] old = count(before, n);
                int[] weight = draw(n, total, random);
                map = IntervalMap.next(map, weight, Integer.MAX_VALUE);
                int[] after = owners(map);
                assertThat(count(after, n)).as("seed 12 round %d", round).containsExactly(weight);
                int must = 0;
                for (int i = 0; i < n; i++) {
                    must += Math.max(0, weight[i] - old[i]);
                }
                assertThat(moved(before, after)).isEqualTo(must);
            }
        }
    }

    @Test
    void a_list_that_grew_too_long_is_laid_out_afresh() {
        SplittableRandom random = new SplittableRandom(13);
        List<Interval> map = IntervalMap.plain(draw(6, 1_000, random));
        int longest = 0;
        for (int step = 0; step < 200; step++) {
            map = IntervalMap.next(map, draw(6, 1_000, random), 20);
            longest = Math.max(longest, map.size());
        }
        assertThat(longest).isBetween(15, 20);
    }

    @Test
    void another_membership_or_total_starts_afresh() {
        int[] weight = {3, 7};
        assertThat(IntervalMap.next(List.of(new Interval(4, 10)), weight, 9)).isEqualTo(IntervalMap.plain(weight));
        assertThat(IntervalMap.next(List.of(new Interval(0, 9)), weight, 9)).isEqualTo(IntervalMap.plain(weight));
        assertThat(IntervalMap.next(List.of(), weight, 9)).isEqualTo(IntervalMap.plain(weight));
    }

    private static int[] draw(int n, int total, SplittableRandom random) {
        int[] weight = new int[n];
        for (int i = 0; i < total; i++) {
            weight[Math.min(random.nextInt(n), random.nextInt(n))]++;
        }
        return weight;
    }

    private static int[] count(int[] owners, int n) {
        int[] count = new int[n];
        Arrays.stream(owners).forEach(o -> count[o]++);
        return count;
    }
}
