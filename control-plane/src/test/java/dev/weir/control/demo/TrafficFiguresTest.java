package dev.weir.control.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.control.testbed.Fleet;
import dev.weir.control.testbed.load.CallResult;
import dev.weir.control.testbed.load.LoadShares;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TrafficFiguresTest {
    private static final Story STORY = new Story(30, 0.6, Story.Event.SLOW, 1);

    @Test
    void every_call_is_one_of_four_and_late_ones_still_count_for_latencies() {
        List<CallResult> results = List.of(
                Results.answered(0, 1, 100, 100),
                Results.answered(1, 11, 200, 110),
                Results.ended(2, 12, 429),
                Results.ended(3, 13, 503),
                Results.ended(4, 14, 0),
                Results.answered(5, 15, 40_000, 105)); // answered after the end and its grace
        Figures.Traffic traffic = TrafficFigures.of(STORY, 7, results, new LoadShares(Map.of()));
        assertThat(traffic.offered()).isEqualTo(7);
        assertThat(traffic.completed()).isEqualTo(2);
        assertThat(traffic.refused()).isEqualTo(1);
        assertThat(traffic.failed()).isEqualTo(2);
        assertThat(traffic.unfinished()).isEqualTo(2);
        assertThat(traffic.meanWait()).isCloseTo((100 + 200 + 40_000) / 3.0, within(1e-6));
        assertThat(traffic.meanResponse()).isCloseTo(traffic.meanWait() + 10, within(1e-6));
        assertThat(traffic.meanWaitWhileSlow()).hasValue((200 + 40_000) / 2.0);
        assertThat(traffic.p99Response()).isCloseTo(40_010, within(41.0));
        assertThat(traffic.minPrice()).isEqualTo(100);
        assertThat(traffic.maxPrice()).isEqualTo(110);
    }

    @Test
    void only_answers_with_status_200_owe_headers() {
        List<CallResult> results = List.of(Results.answered(0, 1, 1, 100), Results.ended(1, 2, 503));
        assertThat(TrafficFigures.of(STORY, 2, results, new LoadShares(Map.of()))
                        .missingHeaders())
                .isZero();
        List<CallResult> bare = List.of(new CallResult(
                results.get(0).call(), 200, true, 1, 1, 1, results.get(1).headers(), java.util.Optional.empty()));
        assertThat(TrafficFigures.of(STORY, 1, bare, new LoadShares(Map.of())).missingHeaders())
                .isEqualTo(2);
    }

    @Test
    void reaction_is_the_first_window_at_70_percent_of_the_former_share() {
        List<Long> largest = new ArrayList<>();
        List<Long> others = new ArrayList<>();
        for (int i = 0; i < 30_000; i++) { // one call each millisecond, half to the largest, a tenth while it is slow
            long at = i * 1_000_000L;
            boolean slow = i >= 11_000 && i < 20_000;
            (i % 10 < (slow ? 1 : 5) ? largest : others).add(at);
        }
        Figures.Traffic traffic = TrafficFigures.of(
                STORY, 1, List.of(), new LoadShares(Map.of(Fleet.LARGEST, largest, "others", others)));
        // from 0.5 to 0.35 takes 3/8 of the window of 500 ms, after the 1 s that it went on as before
        assertThat(traffic.reactionMillis().getAsLong()).isBetween(1_170L, 1_210L);
        assertThat(traffic.before().get(Fleet.LARGEST)).isCloseTo(0.5, within(0.01));
        assertThat(traffic.during().get(Fleet.LARGEST)).isCloseTo(0.1, within(0.01));
        assertThat(traffic.shareBack()).isCloseTo(1, within(0.01));
    }

    @Test
    void without_an_event_there_is_nothing_to_react_to() {
        Figures.Traffic traffic = TrafficFigures.of(
                new Story(30, 0.6, Story.Event.NONE, 1),
                1,
                List.of(Results.answered(0, 12, 1, 100)),
                new LoadShares(Map.of(Fleet.LARGEST, List.of(1L))));
        assertThat(traffic.reactionMillis()).isEmpty();
        assertThat(traffic.meanWaitWhileSlow()).isEmpty();
    }
}
