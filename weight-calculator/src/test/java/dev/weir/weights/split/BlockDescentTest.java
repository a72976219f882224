package dev.weir.weights.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class BlockDescentTest {
    private static final long SEED = 4_711;
    private final BlockDescent descent = new BlockDescent();

    private double[] solve(SplitProblem p, double tolerance, int sweeps) {
        double[] flow = new double[p.provider.length];
        descent.solve(p, flow, new double[p.pools()], tolerance, sweeps);
        return flow;
    }

    /**
     * How far a feasible flow is from the optimum, by duality: {@code sum_e g_e f_e - sum_t demand_t min_e g_e >= J - J*}
     * with the gradient {@code g}. It is 0 exactly where the KKT conditions hold.
     */
    private static double gap(SplitProblem p, double[] flow) {
        double[] load = RandomProblems.load(p, flow);
        double gap = 0;
        for (int t = 0; t < p.pools(); t++) {
            double least = Double.POSITIVE_INFINITY;
            double sum = 0;
            for (int e = p.poolStart[t]; e < p.poolStart[t + 1]; e++) {
                int k = p.provider[e];
                double gradient = p.horizon * (p.backlog[k] + p.horizon * load[k]) / p.capacity[k];
                least = Math.min(least, gradient);
                sum += gradient * flow[e];
            }
            gap += sum - p.demand[t] * least;
        }
        return gap;
    }

    private static void assertFeasible(SplitProblem p, double[] flow, String what) {
        for (int t = 0; t < p.pools(); t++) {
            double sum = 0;
            for (int e = p.poolStart[t]; e < p.poolStart[t + 1]; e++) {
                assertThat(flow[e]).as(what).isGreaterThanOrEqualTo(0).isFinite();
                sum += flow[e];
            }
            assertThat(sum).as(what).isCloseTo(p.demand[t], within(1e-9 * p.demand[t]));
        }
    }

    @Test
    void optimal_by_duality_on_ten_thousand_instances() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < 10_000; round++) {
            SplitProblem p = RandomProblems.next(random);
            double[] flow = solve(p, 1e-13, 20_000);
            String what = "seed " + SEED + " round " + round;
            assertFeasible(p, flow, what);
            double objective = RandomProblems.objective(p, flow);
            assertThat(gap(p, flow)).as(what).isLessThan(1e-9 * Math.max(1, objective));
        }
    }

    @Test
    void agrees_with_projected_gradient() {
        SplittableRandom random = new SplittableRandom(SEED + 1);
        for (int round = 0; round < 150; round++) {
            SplitProblem p = RandomProblems.next(random);
            double[] flow = solve(p, 1e-13, 20_000);
            double[] slow = new ProjectedGradient(p).solve(1e-12, 200_000);
            String what = "seed " + (SEED + 1) + " round " + round;
            assertThat(RandomProblems.objective(p, flow))
                    .as(what)
                    .isCloseTo(
                            RandomProblems.objective(p, slow),
                            within(1e-9 * Math.max(1, RandomProblems.objective(p, slow))));
            double[] load = RandomProblems.load(p, flow);
            double[] reference = RandomProblems.load(p, slow);
            double total = Arrays.stream(p.demand).sum();
            for (int k = 0; k < load.length; k++) {
                assertThat(load[k]).as(what).isCloseTo(reference[k], within(1e-6 * Math.max(total, reference[k])));
            }
        }
    }

    @Test
    void a_tick_stops_within_a_millisecond_of_level_or_after_fifty_sweeps() {
        SplittableRandom random = new SplittableRandom(SEED + 2);
        int stoppedEarly = 0;
        for (int round = 0; round < 2_000; round++) {
            SplitProblem p = RandomProblems.next(random);
            double[] flow = new double[p.provider.length];
            int sweeps = descent.solve(
                    p, flow, new double[p.pools()], BlockDescent.TICK_TOLERANCE_SECONDS, BlockDescent.TICK_SWEEPS);
            assertThat(sweeps).isBetween(1, BlockDescent.TICK_SWEEPS);
            double[] load = RandomProblems.load(p, flow);
            double worst = 0;
            for (int t = 0; t < p.pools(); t++) {
                double least = Double.POSITIVE_INFINITY;
                double most = Double.NEGATIVE_INFINITY;
                for (int e = p.poolStart[t]; e < p.poolStart[t + 1]; e++) {
                    int k = p.provider[e];
                    double drain = (p.backlog[k] + p.horizon * load[k]) / p.capacity[k];
                    least = Math.min(least, drain);
                    most = flow[e] > 0 ? Math.max(most, drain) : most;
                }
                worst = Math.max(worst, most - least);
            }
            if (sweeps < BlockDescent.TICK_SWEEPS) {
                stoppedEarly++;
                assertThat(worst).isLessThanOrEqualTo(BlockDescent.TICK_TOLERANCE_SECONDS + 1e-12);
            }
        }
        assertThat(stoppedEarly).isGreaterThan(1_900);
    }

    @Test
    void a_warm_start_needs_few_sweeps() {
        SplittableRandom random = new SplittableRandom(SEED + 3);
        long sweeps = 0;
        for (int round = 0; round < 500; round++) {
            SplitProblem p = RandomProblems.next(random);
            double[] flow = solve(p, 1e-9, 20_000);
            for (int k = 0; k < p.backlog.length; k++) {
                p.backlog[k] += 0.01 * p.capacity[k] * (random.nextDouble() - 0.5);
            }
            sweeps += descent.solve(
                    p, flow, new double[p.pools()], BlockDescent.TICK_TOLERANCE_SECONDS, BlockDescent.TICK_SWEEPS);
        }
        assertThat(sweeps / 500.0).isLessThan(4);
    }

    /** One pool over three providers. */
    private static SplitProblem three(double... backlog) {
        SplitProblem p = new SplitProblem(new int[] {0, 3}, new int[] {0, 1, 2}, 3);
        Arrays.fill(p.open, true);
        System.arraycopy(new double[] {10, 20, 70}, 0, p.capacity, 0, 3);
        System.arraycopy(backlog, 0, p.backlog, 0, 3);
        p.demand[0] = 50;
        p.horizon = 0.5;
        return p;
    }

    @Test
    void equal_drain_times_give_shares_in_proportion_to_capacity() {
        double[] flow = solve(three(3, 6, 21), 1e-12, 100);
        assertThat(flow).containsExactly(new double[] {5, 10, 35}, within(1e-12));
    }

    @Test
    void the_same_extra_drain_time_everywhere_changes_nothing() {
        double[] flow = solve(three(1, 9, -20), 1e-12, 100);
        double[] later = solve(three(1 + 100 * 10, 9 + 100 * 20, -20 + 100 * 70), 1e-12, 100);
        assertThat(later).containsExactly(flow, within(1e-9));
    }

    @Test
    void a_share_never_rises_with_its_own_backlog() {
        double last = Double.POSITIVE_INFINITY;
        for (double backlog = -10; backlog < 60; backlog += 0.5) {
            double mine = solve(three(0, backlog, 0), 1e-12, 100)[1];
            assertThat(mine).isLessThanOrEqualTo(last);
            last = mine;
        }
        assertThat(last).isZero();
    }

    @Test
    void splitting_a_provider_never_gains_share() {
        SplittableRandom random = new SplittableRandom(SEED + 4);
        for (int round = 0; round < 1_000; round++) {
            SplitProblem whole = three(30 * random.nextDouble(), 30 * random.nextDouble(), 30 * random.nextDouble());
            int parts = 2 + random.nextInt(8);
            int[] members = new int[2 + parts];
            Arrays.setAll(members, i -> i);
            SplitProblem split = new SplitProblem(new int[] {0, members.length}, members, members.length);
            Arrays.fill(split.open, true);
            split.demand[0] = whole.demand[0];
            split.horizon = whole.horizon;
            for (int k = 0; k < members.length; k++) {
                split.capacity[k] = k < 2 ? whole.capacity[k] : whole.capacity[2] / parts;
                split.backlog[k] = k < 2 ? whole.backlog[k] : whole.backlog[2] / parts;
            }
            double one = solve(whole, 1e-12, 100)[2];
            double many = Arrays.stream(solve(split, 1e-12, 100)).skip(2).sum();
            assertThat(many).isCloseTo(one, within(1e-9));
        }
    }

    @Test
    void closed_members_get_nothing() {
        SplitProblem p = three(0, 0, 0);
        p.open[1] = false;
        double[] flow = solve(p, 1e-12, 100);
        assertThat(flow[1]).isZero();
        assertThat(flow[0] + flow[2]).isCloseTo(50, within(1e-9));
    }
}
