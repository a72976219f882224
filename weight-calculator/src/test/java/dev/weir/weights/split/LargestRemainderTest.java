package dev.weir.weights.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class LargestRemainderTest {
    private final LargestRemainder remainder = new LargestRemainder();

    private int[] round(double[] share, double[] residue, int total) {
        int[] weight = new int[share.length];
        double[] carry = new double[share.length];
        remainder.round(share, residue, 0, share.length, total, weight, carry);
        System.arraycopy(carry, 0, residue, 0, carry.length);
        return weight;
    }

    @Test
    void worked_example_carries_what_it_owes() {
        double[] residue = new double[3];
        double[] third = {1, 1, 1};
        assertThat(round(third, residue, 10)).containsExactly(4, 3, 3);
        assertThat(round(third, residue, 10)).containsExactly(3, 4, 3);
        assertThat(round(third, residue, 10)).containsExactly(3, 3, 4);
    }

    @Test
    void sums_exactly_and_strays_less_than_a_unit_ever() {
        SplittableRandom random = new SplittableRandom(99);
        for (int round = 0; round < 300; round++) {
            int n = 1 + random.nextInt(50);
            int total = 1 + random.nextInt(1_000_000);
            double[] share = random.doubles(n).map(x -> x * x * x).toArray();
            if (round % 7 == 0) {
                share[random.nextInt(n)] = 0;
            }
            double sum = Arrays.stream(share).sum();
            double[] residue = new double[n];
            double[] given = new double[n];
            for (int push = 1; push <= 20; push++) {
                int[] weight = round(share.clone(), residue, total);
                assertThat(Arrays.stream(weight).sum()).isEqualTo(total);
                for (int i = 0; i < n; i++) {
                    assertThat(weight[i]).isGreaterThanOrEqualTo(0);
                    given[i] += weight[i];
                    if (sum > 0) {
                        assertThat(Math.abs(given[i] - push * (double) total * share[i] / sum))
                                .isLessThan(1.000001);
                    }
                }
            }
        }
    }

    @Test
    void nothing_to_go_by_is_shared_equally() {
        assertThat(round(new double[] {0, 0, 0, 0}, new double[4], 10)).containsExactly(3, 3, 2, 2);
    }

    @Test
    void absurd_shares_keep_the_sum() {
        assertThat(Arrays.stream(round(new double[] {1e300, 1e-300, 1e300}, new double[3], 1_000_000))
                        .sum())
                .isEqualTo(1_000_000);
        assertThat(Arrays.stream(round(new double[] {1e-320, 2e-320}, new double[2], 1_000_000))
                        .sum())
                .isEqualTo(1_000_000);
    }

    @Test
    void bounds_are_kept_and_the_rest_is_shared_in_proportion() {
        double[] share = {6, 3, 1};
        WeightBounds.apply(share, new int[3], new int[] {40, 1_000, 1_000}, 3, 100);
        assertThat(share).containsExactly(40, 45, 15);
        double[] low = {98, 1, 1};
        WeightBounds.apply(low, new int[] {1, 10, 0}, new int[] {100, 100, 100}, 3, 100);
        assertThat(low[0] + 1).isCloseTo(98 * 90.0 / 99, within(1e-9));
        assertThat(low[1]).isZero();
        double[] impossible = {1, 1};
        WeightBounds.apply(impossible, new int[2], new int[] {10, 10}, 2, 100);
        assertThat(impossible).containsExactly(50, 50);
    }
}
