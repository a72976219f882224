package dev.weir.weights.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.weights.price.PublishedPrice.Prices;
import java.util.ArrayDeque;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class PriceTest {
    @Test
    void rises_above_target_falls_below_and_does_not_depend_on_the_cadence() {
        PriceController slow = new PriceController(0.9, 40, 0);
        PriceController fast = new PriceController(0.9, 40, 0);
        for (int i = 0; i < 40; i++) {
            slow.step(1.35, 1);
        }
        for (int i = 0; i < 40_000; i++) {
            fast.step(1.35, 0.001);
        }
        // u/u* - 1 = .5 for one time constant
        assertThat(slow.logPrice()).isCloseTo(0.5, within(1e-9));
        assertThat(fast.logPrice()).isCloseTo(0.5, within(1e-9));
        assertThat(slow.price(100)).isCloseTo(164.87, within(0.01));
        for (int i = 0; i < 1_000; i++) {
            slow.step(0.1, 1);
        }
        assertThat(slow.price(100)).isEqualTo(100);
    }

    @Test
    void stays_within_a_thousand_times_the_minimum_whatever_comes() {
        PriceController price = new PriceController(0.9, 40, Double.NaN);
        for (int i = 0; i < 10_000; i++) {
            price.step(i % 3 == 0 ? Double.POSITIVE_INFINITY : 1e308, 2);
            price.step(Double.NaN, 2);
        }
        assertThat(price.price(7)).isCloseTo(7_000, within(0.001));
        assertThat(new PriceController(0.9, 40, 1e300).price(1)).isCloseTo(1_000, within(0.001));
        assertThat(new PriceController(0.9, 40, -5).price(1)).isEqualTo(1);
    }

    /**
     * Demand doubles to {@code u = 1.8 (p / p_min)^-e} and is heard late; the price is seen as published. All 16 cells
     * settle; with a lag of a second within 15 publications and without overshoot beyond 5 %.
     */
    @Test
    void settles_for_every_lag_and_elasticity() {
        for (int lagTicks : new int[] {0, 4, 16, 32}) {
            for (double elasticity : new double[] {0.5, 1, 2, 4}) {
                double resting = StrictMath.pow(2, 1 / elasticity) * 1_000;
                double[] base = published(lagTicks, elasticity, 3_600);
                String cell = "lag " + lagTicks / 4 + " s, elasticity " + elasticity;
                double worst = 0;
                double most = 0;
                int settled = 0;
                for (int tick = 0; tick < base.length; tick++) {
                    double off = Math.abs(base[tick] / resting - 1);
                    most = Math.max(most, base[tick]);
                    settled = off > 0.1 ? tick + 1 : settled;
                    worst = tick > 2_400 ? Math.max(worst, off) : worst;
                }
                assertThat(worst).as(cell).isLessThan(0.1);
                if (lagTicks == 4 && elasticity >= 1) {
                    assertThat(most).as(cell).isLessThan(1.05 * resting);
                    assertThat(settled / 20).as("publications, " + cell).isLessThanOrEqualTo(15);
                }
            }
        }
    }

    private static double[] published(int lagTicks, double elasticity, int ticks) {
        SplittableRandom random = new SplittableRandom(11);
        PriceController controller = new PriceController(0.9, 40, 0);
        PublishedPrice published = new PublishedPrice(5, new Prices(1, 1_000, List.of()), null);
        ArrayDeque<Double> heard = new ArrayDeque<>();
        for (int i = 0; i < lagTicks; i++) {
            heard.add(0.9);
        }
        double[] base = new double[ticks];
        for (int tick = 0; tick < ticks; tick++) {
            double mean = 1.8 * StrictMath.pow(published.inForce().base() / 1_000.0, -elasticity);
            heard.add(mean * (1 + 0.1 * (random.nextDouble() - 0.5)));
            controller.step(heard.remove(), 0.25);
            published.age(0.25);
            if (published.due(controller.price(1_000), new double[0])) {
                published.announce(controller.price(1_000), new double[0]);
                published.publish();
            }
            base[tick] = published.inForce().base();
        }
        return base;
    }

    @Test
    void publishes_at_most_every_interval_and_only_what_moved() {
        PublishedPrice price = new PublishedPrice(5, new Prices(1, 1_000, List.of(1_000L)), null);
        double[] same = {1_000};
        price.age(4.9);
        assertThat(price.due(2_000, same)).isFalse();
        price.age(0.1);
        assertThat(price.due(1_009, same)).isFalse();
        assertThat(price.due(1_000, new double[] {1_010})).isTrue();
        price.announce(1_011, new double[] {1_020});
        price.publish();
        assertThat(price.inForce().base()).isEqualTo(1_011);
        assertThat(price.inForce().member().get(0)).isEqualTo(1_020);
        assertThat(price.inForce().number()).isEqualTo(2);
        assertThat(price.due(5_000, same)).isFalse();
    }

    @Test
    void a_price_of_one_moves_and_does_not_flicker() {
        PublishedPrice price = new PublishedPrice(5, new Prices(1, 1, List.of()), null);
        price.age(10);
        assertThat(price.due(1.7, new double[0])).isFalse();
        assertThat(price.due(1.75, new double[0])).isTrue();
        price.announce(1.75, new double[0]);
        price.publish();
        assertThat(price.inForce().base()).isEqualTo(2);
        price.age(10);
        assertThat(price.due(1.3, new double[0])).isFalse();
        assertThat(price.due(1.25, new double[0])).isTrue();
    }

    @Test
    void surcharge_is_bounded_and_slow() {
        Surcharge surcharge = new Surcharge();
        assertThat(surcharge.factor()).isEqualTo(1);
        surcharge.observe(0, 0.25);
        surcharge.observe(Double.POSITIVE_INFINITY, 0.25);
        assertThat(surcharge.factor()).isLessThan(1.02);
        for (int i = 0; i < 1_000; i++) {
            surcharge.observe(1e9, 0.25);
        }
        assertThat(surcharge.factor()).isCloseTo(1.25, within(1e-9));
    }

    @Test
    void congestion_goes_out_by_itself_when_it_moved_by_five_points_and_a_second_passed() {
        Congestion congestion = new Congestion(60);
        assertThat(congestion.due(100)).isFalse();
        congestion.age(1);
        assertThat(congestion.due(64)).isFalse();
        assertThat(congestion.due(65)).isTrue();
        congestion.publish(65);
        assertThat(congestion.due(0)).isFalse();
        assertThat(Congestion.points(0)).isZero();
        assertThat(Congestion.points(1e-9)).isEqualTo(1);
        assertThat(Congestion.points(7)).isEqualTo(100);
    }
}
