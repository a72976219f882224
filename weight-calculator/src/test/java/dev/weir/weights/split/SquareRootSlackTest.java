package dev.weir.weights.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class SquareRootSlackTest {
    private static double[] offsets(double peak) {
        double[] offset = new double[3];
        new SquareRootSlack()
                .offsets(
                        new int[] {0, 0, 2},
                        new boolean[] {true, true, true},
                        new double[] {25, 100, 7},
                        new double[] {0.1, 0.1, 0.1},
                        new double[] {peak, 0, 0},
                        0.4,
                        offset);
        return offset;
    }

    @Test
    void slack_goes_with_the_square_root_of_capacity() {
        double[] offset = offsets(95);
        // half of (125 - 95) / (5 + 10) = 1 per root; times horizon and service time, .5 s
        assertThat(offset[0]).isCloseTo(5 * 0.5, within(1e-9));
        assertThat(offset[1]).isCloseTo(10 * 0.5, within(1e-9));
    }

    @Test
    void it_is_bounded_and_vanishes_at_full_load_and_without_load() {
        assertThat(offsets(15)[0]).isCloseTo(110 / 15.0 / 2 * 5 * 0.5, within(1e-9));
        assertThat(offsets(125)).containsExactly(0, 0, 0);
        assertThat(offsets(1e9)).containsExactly(0, 0, 0);
        assertThat(offsets(0)).containsExactly(0, 0, 0);
    }

    @Test
    void groups_are_for_themselves_and_the_closed_do_not_count() {
        assertThat(offsets(62.5)[2]).isZero();
        double[] offset = new double[2];
        new SquareRootSlack()
                .offsets(
                        new int[] {0, 0},
                        new boolean[] {true, false},
                        new double[] {25, 100},
                        new double[] {0.1, 0.1},
                        new double[] {12.5, 0},
                        0.4,
                        offset);
        assertThat(offset[0]).isCloseTo(12.5 / 2 * 0.5, within(1e-9));
        assertThat(offset[1]).isZero();
    }
}
