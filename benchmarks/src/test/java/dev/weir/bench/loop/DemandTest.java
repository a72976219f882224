package dev.weir.bench.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DemandTest {
    @Test
    void aSeedGivesTheSameJobs() {
        Demand demand = Demand.steady(100);

        assertThat(demand.jobs(7, 10)).isEqualTo(demand.jobs(7, 10)).isNotEqualTo(demand.jobs(8, 10));
    }

    @Test
    void anotherLoadKeepsTheSizes() {
        List<Double> slow = sizes(Demand.steady(50).jobs(1, 10));
        List<Double> fast = sizes(Demand.steady(200).jobs(1, 10));

        assertThat(fast).startsWith(slow.toArray(Double[]::new)).hasSizeGreaterThan(2 * slow.size());
    }

    @Test
    void arrivalsArePoisson() {
        List<Job> jobs = Demand.steady(400).jobs(3, 500);

        assertThat(jobs.size()).isCloseTo(200_000, within(2_000)); // four standard deviations are 1 789
        double mean = gaps(jobs).mean();
        assertThat(mean).isCloseTo(1 / 400.0, within(1e-4));
        // exponential gaps: 99 of 100 are below ln(100) means
        assertThat(gaps(jobs).percentile(99) / mean).isCloseTo(Math.log(100), within(0.1));
        assertThat(jobs).isSortedAccordingTo((a, b) -> Long.compare(a.offsetNanos(), b.offsetNanos()));
    }

    @Test
    void aPhaseBeginsAtItsTime() {
        Demand demand = new Demand(
                List.of(new Demand.Phase(0, 100), new Demand.Phase(50, 400)), Sizes.EXPONENTIAL, List.of(1.0));
        List<Job> jobs = demand.jobs(2, 100);

        long early = jobs.stream().filter(job -> job.offsetNanos() < 50e9).count();
        assertThat((double) early).isCloseTo(5_000, within(300.0));
        assertThat((double) jobs.size() - early).isCloseTo(20_000, within(600.0));
    }

    @Test
    void sizesHaveTheirMeanAndVariation() {
        for (Sizes sizes : Sizes.values()) {
            Random random = new Random(5);
            double[] drawn =
                    random.doubles(400_000).map(unused -> sizes.draw(random)).toArray();
            double mean = java.util.Arrays.stream(drawn).average().orElseThrow();
            double variance = java.util.Arrays.stream(drawn)
                    .map(size -> (size - mean) * (size - mean))
                    .average()
                    .orElseThrow();

            assertThat(mean).as(sizes.name()).isCloseTo(1, within(0.02));
            double expected = sizes == Sizes.EXPONENTIAL ? 1 : 4;
            assertThat(variance / mean / mean).as(sizes.name()).isCloseTo(expected, within(0.1 * expected));
        }
    }

    @Test
    void poolsGetTheirShares() {
        Demand demand = new Demand(List.of(new Demand.Phase(0, 1000)), Sizes.EXPONENTIAL, List.of(0.46, 0.54));
        List<Job> jobs = demand.jobs(1, 100);

        double first = jobs.stream().filter(job -> job.pool() == 0).count();
        assertThat(first / jobs.size()).isCloseTo(0.46, within(0.01));
    }

    private static List<Double> sizes(List<Job> jobs) {
        return jobs.stream().map(Job::size).toList();
    }

    private static Sample gaps(List<Job> jobs) {
        return Sample.of(java.util.stream.IntStream.range(1, jobs.size())
                .mapToDouble(i -> (jobs.get(i).offsetNanos() - jobs.get(i - 1).offsetNanos()) / 1e9));
    }
}
