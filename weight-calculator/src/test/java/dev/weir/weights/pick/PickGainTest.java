package dev.weir.weights.pick;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class PickGainTest {
    private static final int[] SLOTS = {1, 2, 4, 4, 7};
    private static final double[] CAPACITY = {20, 40, 80, 100, 175};

    @Test
    void one_provider_leaves_nothing_to_pick() {
        assertThat(PickGain.seconds(new int[] {4}, new double[] {80}, 0.9)).isZero();
        assertThat(PickGain.seconds(new int[0], new double[0], 0.9)).isZero();
        assertThat(PickGain.seconds(new int[] {4, 1}, new double[] {80, 0}, 0.9))
                .isZero();
    }

    @Test
    void it_grows_with_load_and_has_an_end() {
        double before = 0;
        for (double load : new double[] {0.1, 0.3, 0.5, 0.7, 0.9, 0.95}) {
            double gain = PickGain.seconds(SLOTS, CAPACITY, load);
            assertThat(gain).as("load " + load).isGreaterThan(before);
            before = gain;
        }
        assertThat(PickGain.seconds(SLOTS, CAPACITY, 50)).isEqualTo(PickGain.seconds(SLOTS, CAPACITY, 1));
        assertThat(PickGain.seconds(SLOTS, CAPACITY, 1)).isBetween(before, 1.0);
        assertThat(PickGain.seconds(SLOTS, CAPACITY, 0)).isZero();
    }

    @Test
    void large_providers_have_little_to_win() {
        double small = PickGain.seconds(new int[] {1, 1}, new double[] {1, 1}, 0.7);
        double large = PickGain.seconds(new int[] {64, 64}, new double[] {64, 64}, 0.7);
        assertThat(large).isLessThan(small / 100);
    }

    /** Two providers of one slot: M/M/1 with half of the stream dealt out evenly against M/M/2, by the approximation's own formula. */
    @Test
    void it_is_the_formula() {
        double single = Math.pow(0.8, 1) / 0.2;
        double pair = Math.pow(0.8, Math.sqrt(6) - 1) / 0.4;
        assertThat(PickGain.seconds(new int[] {1, 1}, new double[] {1, 1}, 0.8))
                .isCloseTo((0.75 * single - pair) / 3, within(1e-12));
    }
}
