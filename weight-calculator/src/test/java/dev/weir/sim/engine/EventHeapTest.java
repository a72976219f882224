package dev.weir.sim.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class EventHeapTest {
    @Test
    void events_come_out_in_order_of_time_with_their_own_payload() {
        SplittableRandom random = new SplittableRandom(5);
        EventHeap heap = new EventHeap();
        double[] times = new double[10_000];
        double last = 0;
        int out = 0;
        for (int i = 0; i < times.length; i++) {
            times[i] = last + random.nextDouble();
            heap.add(times[i], i);
            if (random.nextInt(3) == 0) {
                last = heap.minTime();
                assertThat(times[(int) heap.removeMin()]).isEqualTo(last);
                out++;
            }
        }
        while (!heap.isEmpty()) {
            assertThat(heap.minTime()).isGreaterThanOrEqualTo(last);
            last = heap.minTime();
            assertThat(times[(int) heap.removeMin()]).isEqualTo(last);
            out++;
        }
        assertThat(out).isEqualTo(times.length);
    }
}
