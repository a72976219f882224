package dev.weir.bench.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RowTest {
    private static final Trial TRIAL =
            new Trial("smooth", Policy.SMOOTH, 0.5, Plant.five(1), Demand.steady(1), List.of(), 10, 1);

    @Test
    void whatCameBeforeTheWarmUpDoesNotCount() {
        Row row = row(
                outcome(0, 4.9, 200, 9_000, 100, 3), outcome(1, 5, 200, 300, 100, 1), outcome(2, 6, 200, 500, 100, 2));

        assertThat(row.jobs()).isEqualTo(2);
        assertThat(row.meanWait()).isEqualTo(300);
        assertThat(row.meanResponse()).isEqualTo(400);
        assertThat(row.p99Response()).isEqualTo(500);
        assertThat(row.retries()).isEqualTo(0.5);
    }

    @Test
    void everyJobIsAnsweredRefusedFailedOrOpen() {
        Row row = row(
                outcome(0, 6, 200, 100, 50, 1),
                outcome(1, 6, 429, 1, 0, 1),
                outcome(2, 6, 503, 1, 0, 1),
                outcome(3, 6, 0, 1, 0, 1),
                outcome(4, 6, Outcome.OPEN, 20_000, 0, 1));

        assertThat(row.refused()).isEqualTo(1);
        assertThat(row.failed()).isEqualTo(2);
        assertThat(row.open()).isEqualTo(1);
        // the open one waited at least that long; leaving it out would flatter
        assertThat(row.meanWait()).isEqualTo((50 + 20_000) / 2.0);
    }

    @Test
    void backlogAndAttemptsAreThoseOfTheInterval() {
        List<Run.Look> looks = List.of(
                new Run.Look(1, 90, List.of(0L, 0L, 0L, 0L, 5L)),
                new Run.Look(6, 30, List.of(0L, 0L, 0L, 0L, 9L)),
                new Run.Look(9, 40, List.of(0L, 0L, 0L, 0L, 20L)));
        Run run = new Run(TRIAL, List.of(outcome(0, 6, 200, 1, 0, 1)), looks, List.of(0L), Map.of(), 4, 2_000_000, 0);

        assertThat(Row.of(run).largestBacklog()).isEqualTo(40);
        assertThat(Row.of(run).envoyMicros()).isEqualTo(2_000);
        assertThat(run.sentInto(Plant.LARGEST, 1, 7)).isEqualTo(4);
        assertThat(run.sentInto(Plant.LARGEST, 0.5, 10)).isEqualTo(20);
    }

    private static Outcome outcome(
            int number, double at, int status, long responseMillis, long serviceMillis, int attempts) {
        Job job = new Job(number, (long) (at * 1e9), 1, 0);
        return new Outcome(job, status, responseMillis * 1_000_000, serviceMillis * 1_000_000, attempts);
    }

    private static Row row(Outcome... outcomes) {
        List<Long> late = new ArrayList<>();
        for (Outcome unused : outcomes) {
            late.add(0L);
        }
        return Row.of(new Run(TRIAL, List.of(outcomes), List.of(), late, Map.of(), 0, 0, 0));
    }
}
