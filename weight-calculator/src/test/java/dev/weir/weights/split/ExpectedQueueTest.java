package dev.weir.weights.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class ExpectedQueueTest {
    private final ExpectedQueue queue = new ExpectedQueue(2);
    private final SplitProblem problem = new SplitProblem(new int[] {0, 2}, new int[] {0, 1}, 2);

    /** Two providers of 10 slots and 100 ms, one pool with 100 requests/s, H = 250 ms. */
    private double of(double there, double elsewhere, int weight) {
        Arrays.fill(problem.open, true);
        problem.demand[0] = 100;
        problem.horizon = 0.25;
        Arrays.fill(queue.slots, 10);
        Arrays.fill(queue.serviceSeconds, 0.1);
        Arrays.fill(queue.workPerRequest, 1);
        queue.present[0] = there;
        queue.present[1] = elsewhere;
        return queue.of(problem, new int[] {weight, 1_000_000 - weight});
    }

    @Test
    void nothing_waits_where_slots_are_free_however_unequal_they_are_filled() {
        assertThat(of(0, 9, 500_000)).isLessThan(0.1);
        assertThat(of(0, 9, 500_000) - of(0, 9, 550_000)).isCloseTo(0, within(0.05));
    }

    @Test
    void a_queue_that_another_has_room_for_is_worth_moving() {
        double equal = of(40, 5, 500_000);
        assertThat(equal).isGreaterThan(5);
        assertThat(of(40, 5, 300_000)).isLessThan(equal - 3);
    }

    @Test
    void it_is_what_a_long_queue_of_certain_length_is() {
        // all to the first: 30 wait, and 100 come and 100 go per second
        assertThat(of(40, 0, 1_000_000)).isCloseTo(30, within(0.01));
    }

    @Test
    void it_is_below_what_slots_really_make_wait_but_of_its_order() {
        SplittableRandom random = new SplittableRandom(3);
        int runs = 4_000;
        double sum = 0;
        for (int run = 0; run < runs; run++) {
            sum += (waiting(random, 9, 80, 0.25) + waiting(random, 9, 80, 0.5)) / 2;
        }
        // 80 requests/s to the first, 20 to the second, which is next to empty
        assertThat(of(9, 0, 800_000)).isBetween(0.25 * sum / runs, sum / runs);
    }

    /** One M/M/10 queue with services of 100 ms, from {@code n} present. */
    private static double waiting(SplittableRandom random, int n, double arrivals, double seconds) {
        int present = n;
        double now = 0;
        while (true) {
            double rate = arrivals + Math.min(present, 10) / 0.1;
            now -= Math.log(1 - random.nextDouble()) / rate;
            if (now > seconds) {
                return Math.max(0, present - 10);
            }
            present += random.nextDouble() * rate < arrivals ? 1 : -1;
        }
    }

    @Test
    void a_closed_member_and_no_demand_are_nothing() {
        double whole = of(40, 40, 500_000);
        problem.open[0] = false;
        assertThat(queue.of(problem, new int[] {500_000, 500_000})).isLessThan(whole);
        assertThat(queue.of(problem, new int[] {0, 0})).isZero();
    }
}
