package dev.weir.weights.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class OverDeclarationTest {
    private static final int SLOTS = 7;
    private static final double SERVICE = 0.04;

    /** Completions until the alarm, or -1, of a provider with busy slots that does {@code truth} of its claim. */
    private static long alarmAfter(double truth, double variation, long most, SplittableRandom random) {
        OverDeclaration detector = new OverDeclaration();
        SizeVariability sizes = new SizeVariability();
        double sigma = Math.sqrt(StrictMath.log(1 + variation));
        double[] ends = new double[SLOTS];
        double[] size = new double[SLOTS];
        for (int i = 0; i < SLOTS; i++) {
            size[i] = draw(variation, sigma, random);
            ends[i] = size[i] * SERVICE / truth;
        }
        long done = 0;
        for (double now = 0.25; done < most; now += 0.25) {
            long before = done;
            for (int i = 0; i < SLOTS; i++) {
                while (ends[i] <= now) {
                    sizes.add(size[i]);
                    size[i] = draw(variation, sigma, random);
                    ends[i] += size[i] * SERVICE / truth;
                    done++;
                }
            }
            detector.saturated(0.25, SLOTS / SERVICE, done - before, sizes.squaredVariation());
            if (detector.alarm()) {
                return done;
            }
        }
        return -1;
    }

    private static double draw(double variation, double sigma, SplittableRandom random) {
        if (variation == 1) {
            return -Math.log(1 - random.nextDouble());
        }
        double z = Math.sqrt(-2 * Math.log(1 - random.nextDouble())) * Math.cos(2 * Math.PI * random.nextDouble());
        return Math.exp(sigma * z - sigma * sigma / 2);
    }

    @Test
    void a_claim_a_quarter_too_high_is_caught() {
        for (double variation : new double[] {1, 4}) {
            SplittableRandom random = new SplittableRandom(71);
            long[] after = new long[201];
            for (int run = 0; run < after.length; run++) {
                after[run] = alarmAfter(0.8, variation, 1_000_000, random);
                assertThat(after[run]).isPositive();
            }
            Arrays.sort(after);
            assertThat(after[100]).as("median, cv^2 = %s", variation).isLessThanOrEqualTo((long) (650 * variation));
        }
    }

    @Test
    void an_honest_provider_is_not_accused() {
        for (double variation : new double[] {1, 4}) {
            SplittableRandom random = new SplittableRandom(72);
            int alarms = 0;
            for (int run = 0; run < 60; run++) {
                alarms += alarmAfter(1, variation, 100_000, random) > 0 ? 1 : 0;
            }
            assertThat(alarms).as("cv^2 = %s", variation).isZero();
        }
    }

    @Test
    void a_provider_that_is_never_saturated_collects_nothing_and_absurd_intervals_neither() {
        OverDeclaration detector = new OverDeclaration();
        detector.saturated(0, 100, 0, 1);
        detector.saturated(-1, 100, 0, 1);
        detector.saturated(Double.NaN, 100, 0, 1);
        detector.saturated(Double.POSITIVE_INFINITY, 100, 0, 1);
        detector.saturated(1, 100, -5, 1);
        assertThat(detector.evidence()).isZero();
    }

    @Test
    void worked_example() {
        OverDeclaration detector = new OverDeclaration();
        detector.saturated(1, 10, 8, 1);
        assertThat(detector.evidence()).isCloseTo(0.2149, within(1e-4));
        detector.saturated(1, 10, 8, 4);
        assertThat(detector.evidence()).isCloseTo(0.2149 * (1 + 1 / 5.5), within(1e-4));
        detector.saturated(10, 10, 100, 1);
        assertThat(detector.evidence()).isZero();
        assertThat(detector.due()).isZero();
    }

    @Test
    void variability_is_that_of_the_sizes() {
        SizeVariability sizes = new SizeVariability();
        assertThat(sizes.squaredVariation()).isEqualTo(4);
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 20_000; i++) {
            sizes.add(random.nextInt(2) == 0 ? 1 : 3);
            sizes.add(Double.NaN);
        }
        assertThat(sizes.squaredVariation()).isCloseTo(0.25, within(0.03));
    }
}
