package dev.weir.sim.slotted;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class NumpyRandomTest {
    /** The first numbers of {@code numpy.random.default_rng(42).random(5)}. */
    @Test
    void numbers_are_those_of_numpy() {
        NumpyRandom random = new NumpyRandom(42);
        double[] expected = {
            0.7739560485559633, 0.4388784397520523, 0.8585979199113825, 0.6973680290593639, 0.09417734788764953
        };
        for (double number : expected) {
            assertThat(random.uniform(0, 1)).isEqualTo(number);
        }
    }
}
