package dev.weir.weights.split;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The kernel allocates nothing once it has seen a size. */
final class AllocationTest {
    private long sink;

    @Test
    void a_tick_of_the_kernel_allocates_nothing() {
        SplittableRandom random = new SplittableRandom(31);
        SplitProblem p = RandomProblems.next(random);
        while (p.pools() < 6 || p.capacity.length < 20) {
            p = RandomProblems.next(random);
        }
        int n = p.provider.length;
        BlockDescent descent = new BlockDescent();
        LargestRemainder remainder = new LargestRemainder();
        PredictedDelay delay = new PredictedDelay();
        SquareRootSlack slack = new SquareRootSlack();
        double[] flow = new double[n];
        double[] level = new double[p.pools()];
        double[] residue = new double[n];
        double[] carry = new double[n];
        int[] weight = new int[n];
        int[] group = new int[p.capacity.length];
        boolean[] open = new boolean[group.length];
        Arrays.fill(open, true);
        double[] offset = new double[group.length];
        SplitProblem problem = p;
        Runnable tick = () -> {
            slack.offsets(group, open, problem.capacity, problem.backlog, offset, 0.25, offset);
            descent.solve(problem, flow, level, 0.001, 50);
            for (int t = 0; t < problem.pools(); t++) {
                remainder.round(
                        flow, residue, problem.poolStart[t], problem.poolStart[t + 1], 1_000_000, weight, carry);
            }
            sink += delay.of(problem, weight) > 0 ? 1 : 0;
        };
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < 20_000; i++) {
            tick.run();
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 1_000; i++) {
            tick.run();
        }
        long after = threads.getCurrentThreadAllocatedBytes();
        assertThat(sink).isEqualTo(21_000);
        assertThat(after - before).isLessThan(1_000);
    }
}
