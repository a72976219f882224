package dev.weir.sim.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class HistogramTest {
    @Test
    void quantiles_are_within_a_fifth_of_a_percent_and_the_mean_is_exact() {
        SplittableRandom random = new SplittableRandom(3);
        double[] values = new double[100_001];
        Histogram histogram = new Histogram();
        for (int i = 0; i < values.length; i++) {
            values[i] = StrictMath.exp(14 * random.nextDouble() - 10);
            histogram.add(values[i]);
        }
        double mean = Arrays.stream(values).average().orElseThrow();
        Arrays.sort(values);
        assertThat(histogram.mean()).isCloseTo(mean, within(1e-9));
        for (double q : new double[] {0.01, 0.5, 0.9, 0.99, 0.999}) {
            double exact = values[(int) Math.ceil(q * values.length) - 1];
            assertThat(histogram.quantile(q)).isCloseTo(exact, within(0.002 * exact));
        }
    }

    @Test
    void nothing_zero_and_huge_times_have_a_place() {
        Histogram histogram = new Histogram();
        assertThat(histogram.quantile(0.99)).isZero();
        histogram.add(0);
        assertThat(histogram.quantile(0.99)).isZero();
        histogram.add(1e12);
        assertThat(histogram.quantile(1)).isGreaterThan(1e6);
        assertThat(histogram.total()).isEqualTo(2);
    }
}
