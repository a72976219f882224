package dev.weir.weights.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class ConcurrencyTest {
    private static final double TICK = 0.25;

    private final Concurrency concurrency = new Concurrency();
    private final SplittableRandom random = new SplittableRandom(7);
    private final PriorityQueue<Double> inService = new PriorityQueue<>();
    private double now;
    private int waiting;

    /** A FIFO queue in front of slots, Poisson arrivals and exponential services, seen at ticks. */
    private void run(int slots, double serviceSeconds, double load, double seconds) {
        double rate = load * slots / serviceSeconds;
        double arrival = now + exponential() / rate;
        int done = 0;
        for (double tick = now + TICK; tick <= now + seconds; tick += TICK) {
            while (true) {
                double next = Math.min(arrival, inService.isEmpty() ? Double.POSITIVE_INFINITY : inService.peek());
                if (next > tick) {
                    break;
                }
                if (next == arrival) {
                    arrival += exponential() / rate;
                    if (inService.size() < slots) {
                        inService.add(next + serviceSeconds * exponential());
                    } else {
                        waiting++;
                    }
                } else {
                    inService.remove();
                    done++;
                    if (waiting > 0) {
                        waiting--;
                        inService.add(next + serviceSeconds * exponential());
                    }
                }
            }
            concurrency.observe(waiting + inService.size(), done, TICK);
            done = 0;
        }
        now += seconds;
    }

    private double exponential() {
        return -Math.log(1 - random.nextDouble());
    }

    private int slots(double declared) {
        return concurrency.slots(waiting + inService.size(), declared);
    }

    @Test
    void slots_are_found_by_littles_law_and_survive_a_queue() {
        run(16, 0.4, 0.4, 120);
        assertThat(slots(40)).isBetween(14, 18);
        run(16, 0.4, 1.3, 300);
        assertThat(waiting).isGreaterThan(2000);
        assertThat(slots(40)).as("a queue is no service").isBetween(14, 30);
    }

    @Test
    void a_provider_that_became_slow_does_not_get_more_slots_for_it() {
        run(16, 0.4, 0.6, 120);
        run(16, 0.8, 0.9, 600);
        assertThat(slots(40)).isBetween(14, 22);
    }

    @Test
    void a_new_declaration_begins_anew() {
        run(16, 0.4, 0.4, 120);
        concurrency.forget();
        assertThat(concurrency.slots(3, 40)).isEqualTo(3);
        // the same capacity from twice as many slots, each half as fast
        run(32, 0.8, 0.4, 120);
        assertThat(slots(40)).isBetween(28, 36);
    }

    @Test
    void the_first_answers_do_not_decide_for_ever() {
        concurrency.observe(1, 20, TICK);
        run(16, 0.4, 0.5, 120);
        assertThat(slots(40)).isBetween(14, 18);
    }

    @Test
    void before_anything_was_finished_no_queue_is_assumed() {
        assertThat(concurrency.slots(0, 10)).isEqualTo(1);
        assertThat(concurrency.slots(37, 10)).isEqualTo(37);
        concurrency.observe(37, 0, TICK);
        concurrency.observe(37, 4, 0);
        assertThat(concurrency.slots(37, 10)).isEqualTo(37);
    }

    @Test
    void absurd_numbers_stay_in_range() {
        concurrency.observe(1e9, 1e9, 1e-9);
        assertThat(concurrency.slots(0, 1e18)).isBetween(1, 1_000_000);
        assertThat(concurrency.slots(1e300, 1e-300)).isBetween(1, 1_000_000);
    }
}
