package dev.weir.weights.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class WaterLevelTest {
    private final WaterLevel level = new WaterLevel();

    private static double filled(double[] b, double[] mu, int n, double level) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += Math.max(0, level * mu[i] - b[i]);
        }
        return sum;
    }

    @Test
    void worked_example() {
        assertThat(level.find(new double[] {4, 0}, new double[] {10, 30}, 2, 8)).isEqualTo(8.0 / 30);
    }

    @Test
    void places_exactly_the_water_on_random_instances() {
        SplittableRandom random = new SplittableRandom(20260101);
        for (int round = 0; round < 20_000; round++) {
            int n = 1 + random.nextInt(60);
            double[] b = new double[n];
            double[] mu = new double[n];
            for (int i = 0; i < n; i++) {
                mu[i] = StrictMath.pow(10, 6 * random.nextDouble() - 3);
                b[i] = mu[i] * (4 * random.nextDouble() - 1);
            }
            double water = StrictMath.pow(10, 6 * random.nextDouble() - 3);
            double found = level.find(b, mu, n, water);
            assertThat(filled(b, mu, n, found)).as("round %d", round).isCloseTo(water, within(1e-9 * water + 1e-9));
        }
    }

    @Test
    void worst_case_needs_more_passes_than_the_active_set_gets_and_is_exact_still() {
        // each pass drops one provider only: breakpoints that grow faster than the level falls
        int n = 600;
        double[] b = new double[n];
        double[] mu = new double[n];
        double sumB = 0;
        double sumMu = 0;
        for (int i = 0; i < n; i++) {
            mu[i] = i == 0 ? 1 : 0.02 * sumMu;
            b[i] = i == 0 ? 0 : 1.0001 * mu[i] * (1 + sumB) / sumMu;
            sumB += b[i];
            sumMu += mu[i];
        }
        double found = level.find(b, mu, n, 1);
        double low = 0;
        double high = 1e9;
        for (int step = 0; step < 200; step++) {
            double middle = (low + high) / 2;
            if (filled(b, mu, n, middle) < 1) {
                low = middle;
            } else {
                high = middle;
            }
        }
        assertThat(found).isCloseTo(high, within(1e-12));
    }

    @Test
    void water_below_an_ulp_of_the_backlogs_goes_to_the_emptiest() {
        double found = level.find(new double[] {1e18, 1e18 + 1e6}, new double[] {1, 1}, 2, 1e-9);
        assertThat(found).isFinite().isGreaterThanOrEqualTo(1e18);
    }
}
