package dev.weir.control.testbed.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ArrivalsTest {
    private static final long HUNDRED_SECONDS = 100_000_000_000L;

    @Test
    void the_same_seed_gives_the_same_plan_and_another_seed_another() {
        List<PlannedCall> plan = CallPlans.poisson(1, 249, HUNDRED_SECONDS);
        assertThat(CallPlans.poisson(1, 249, HUNDRED_SECONDS)).isEqualTo(plan);
        assertThat(CallPlans.poisson(2, 249, HUNDRED_SECONDS)).isNotEqualTo(plan);
    }

    @Test
    void a_longer_run_begins_like_a_shorter_one() {
        List<PlannedCall> shorter = CallPlans.poisson(1, 249, HUNDRED_SECONDS / 10);
        assertThat(CallPlans.poisson(1, 249, HUNDRED_SECONDS).subList(0, shorter.size()))
                .isEqualTo(shorter);
    }

    @Test
    void arrivals_are_poisson_jobs_exponential_and_a_third_streamed() {
        List<PlannedCall> plan = CallPlans.poisson(3, 249, HUNDRED_SECONDS);
        double n = plan.size();
        assertThat(n).isCloseTo(24_900, within(5 * Math.sqrt(24_900)));
        assertThat(plan).isSortedAccordingTo((a, b) -> Long.compare(a.offsetNanos(), b.offsetNanos()));
        assertThat(plan.get(plan.size() - 1).offsetNanos()).isLessThan(HUNDRED_SECONDS);

        double mean = plan.stream().mapToDouble(PlannedCall::job).average().orElseThrow();
        double square = plan.stream()
                .mapToDouble(call -> call.job() * call.job())
                .average()
                .orElseThrow();
        assertThat(mean).isCloseTo(1, within(5 / Math.sqrt(n)));
        assertThat(square).isCloseTo(2, within(5 * Math.sqrt(20 / n)));

        double gapSquare = 0;
        for (int i = 1; i < plan.size(); i++) {
            double gap = (plan.get(i).offsetNanos() - plan.get(i - 1).offsetNanos()) / 1e9 * 249;
            gapSquare += gap * gap;
        }
        assertThat(gapSquare / (n - 1)).isCloseTo(2, within(5 * Math.sqrt(20 / n)));

        assertThat(plan.stream().filter(PlannedCall::streamed).count()).isCloseTo((long) (n / 3), within(1L));
        assertThat(plan.stream().filter(PlannedCall::asksUsage)).allMatch(PlannedCall::streamed);
    }
}
