package dev.weir.weights.pick;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class LeastWaitTest {
    private static final int[] THREE = {0, 1, 2};

    private static LeastWait of(int[] slots, double... capacity) {
        LeastWait pick = new LeastWait(slots.length);
        for (int k = 0; k < slots.length; k++) {
            pick.setState(k, slots[k], slots[k], capacity[k], 1, 1, true);
        }
        return pick;
    }

    private static void grant(LeastWait pick, int provider, int times) {
        for (int i = 0; i < times; i++) {
            pick.grant(provider);
        }
    }

    @Test
    void the_shortest_wait_is_first_and_the_next_one_second() {
        LeastWait pick = of(new int[] {1, 1, 1}, 10, 100, 20);
        grant(pick, 0, 2);
        grant(pick, 1, 10);
        grant(pick, 2, 3);
        pick.choose(THREE, 3, LeastWait.NONE);
        assertThat(pick.first()).as("0.10 s, not 0.15 or 0.20").isEqualTo(1);
        assertThat(pick.second()).isEqualTo(2);
        assertThat(pick.expectedWaitSeconds(0)).isEqualTo(0.2);
    }

    @Test
    void among_those_without_a_wait_the_most_free_one_is_first() {
        LeastWait pick = of(new int[] {4, 4, 4}, 10, 10, 10);
        grant(pick, 0, 2);
        grant(pick, 1, 1);
        grant(pick, 2, 3);
        pick.choose(THREE, 3, LeastWait.NONE);
        assertThat(pick.first()).isEqualTo(1);
        assertThat(pick.second()).isZero();
        assertThat(pick.expectedWaitSeconds(1)).isZero();
    }

    @Test
    void what_others_sent_there_counts_and_work_per_request_too() {
        LeastWait pick = of(new int[] {1, 1, 1}, 10, 10, 10);
        grant(pick, 0, 1);
        pick.setOthers(1, 2);
        pick.setState(2, 1, 1, 10, 5, 1, true);
        grant(pick, 2, 1);
        pick.choose(THREE, 3, LeastWait.NONE);
        assertThat(pick.first()).isZero();
        assertThat(pick.second())
                .as("0.2 s of requests of 1, not 0.5 s of one of 5")
                .isEqualTo(1);
        assertThat(pick.inFlight(1)).isEqualTo(2);
    }

    @Test
    void who_is_closed_or_excluded_is_not_chosen_and_a_standby_only_second() {
        LeastWait pick = of(new int[] {9, 1, 1}, 10, 10, 10);
        grant(pick, 1, 5);
        pick.choose(new int[] {1, 2, 0}, 2, LeastWait.NONE);
        assertThat(pick.first()).isEqualTo(2);
        assertThat(pick.second()).isZero();
        pick.choose(new int[] {1, 2, 0}, 2, 2);
        assertThat(pick.first()).isEqualTo(1);
        pick.close(1);
        pick.close(2);
        pick.choose(new int[] {1, 2, 0}, 2, LeastWait.NONE);
        assertThat(pick.first()).as("a standby serves when nobody else does").isZero();
        assertThat(pick.second()).isEqualTo(LeastWait.NONE);
        pick.close(0);
        pick.choose(new int[] {1, 2, 0}, 2, LeastWait.NONE);
        assertThat(pick.first()).isEqualTo(LeastWait.NONE);
    }

    @Test
    void room_is_slots_and_what_hides_the_lag() {
        assertThat(LeastWait.overCommit(100, 1, 0.001)).isEqualTo(1);
        assertThat(LeastWait.overCommit(100, 1, 0.020)).isEqualTo(4);
        LeastWait pick = of(new int[] {2, 1, 1}, 10, 10, 10);
        grant(pick, 0, 2);
        grant(pick, 1, 2);
        grant(pick, 2, 2);
        assertThat(pick.hasRoom(0)).isTrue();
        assertThat(pick.hasRoom(1)).isFalse();
        pick.chooseWithRoom(THREE, 3, LeastWait.NONE);
        assertThat(pick.first()).isZero();
        assertThat(pick.second())
                .as("a retry goes where the wait is least, room or not")
                .isEqualTo(1);
        pick.grant(0);
        pick.chooseWithRoom(THREE, 3, LeastWait.NONE);
        assertThat(pick.first()).isEqualTo(LeastWait.NONE);
        pick.end(1);
        pick.chooseWithRoom(THREE, 3, LeastWait.NONE);
        assertThat(pick.first()).isEqualTo(1);
    }

    @Test
    void a_standby_takes_nothing_while_others_are_only_full() {
        LeastWait pick = of(new int[] {1, 1, 1}, 10, 10, 10);
        grant(pick, 0, 2);
        grant(pick, 1, 2);
        pick.chooseWithRoom(new int[] {0, 1, 2}, 2, LeastWait.NONE);
        assertThat(pick.first()).isEqualTo(LeastWait.NONE);
    }

    @Test
    void choosing_among_a_hundred_allocates_nothing() {
        int n = 100;
        SplittableRandom random = new SplittableRandom(1);
        LeastWait pick = new LeastWait(n);
        int[] members = IntStream.range(0, n).toArray();
        for (int k : members) {
            int slots = 1 + random.nextInt(8);
            pick.setState(k, slots, slots, 10 + random.nextInt(90), 1, 1, true);
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        long sum = 0;
        for (int round = 0; round < 20; round++) {
            long before = threads.getThreadAllocatedBytes(self);
            for (int i = 0; i < 2_000; i++) {
                pick.choose(members, n, LeastWait.NONE);
                sum += pick.first() + pick.second();
                pick.grant(pick.first());
                if (i % 2 == 1) {
                    pick.end(pick.first());
                }
            }
            least = Math.min(least, threads.getThreadAllocatedBytes(self) - before);
        }
        assertThat(sum).isPositive();
        assertThat(least).as("bytes per 2 000 picks").isZero();
    }

    @Test
    void cold_slots_of_one_that_comes_back_are_used_after_warm_ones_and_before_anybody_waits() {
        LeastWait pick = of(new int[] {4, 8}, 10, 10);
        pick.setState(1, 8, 1, 0.5, 1, 1, true);
        int[] both = {0, 1};
        int[] got = new int[2];
        for (int i = 0; i < 12; i++) {
            pick.chooseWithRoom(both, 2, LeastWait.NONE);
            got[pick.first()]++;
            pick.grant(pick.first());
            if (i == 4) {
                assertThat(got).as("all warm ones first").containsExactly(4, 1);
            }
        }
        assertThat(got).as("then all that are free").containsExactly(4, 8);
        pick.choose(both, 2, LeastWait.NONE);
        assertThat(pick.first()).as("a queue is longer where little is trusted").isZero();
    }
}
