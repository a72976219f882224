package dev.weir.control.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.metrics.Latencies.Latency;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Image;
import dev.weir.control.testing.Configs;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.Member;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.weights.Proposal.ProviderState;
import dev.weir.weights.Proposal.Release;
import dev.weir.weights.Proposal.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class HistoryTest {
    private final History history = new History();

    @Test
    void a_point_holds_what_the_image_said() {
        history.add(image(1000, 2), Map.of("p1", new Latency(9, 12.5, 80, 6)));

        HistoryPoint point = history.since(0).get(0);
        assertThat(point.atMillis()).isEqualTo(1000);
        assertThat(point.epoch()).isEmpty();
        assertThat(point.pools())
                .containsExactly(new HistoryPoint.PoolPoint("m", 90.5, 0.5, 50, 123, Map.of("p0", 0.25, "p1", 0.25)));
        assertThat(point.providers())
                .containsExactly(
                        new HistoryPoint.ProviderPoint("p0", -3.5, 4, 99, Double.NaN, Double.NaN),
                        new HistoryPoint.ProviderPoint("p1", -3.5, 4, 99, 12.5, 80));
    }

    @Test
    void the_last_five_minutes_are_kept() {
        for (int i = 1; i <= 400; i++) {
            history.add(image(i * 1000L, 1), Map.of());
        }
        assertThat(history.since(0)).hasSize(300);
        assertThat(history.since(0).get(0).atMillis()).isEqualTo(101_000);
        assertThat(history.since(399_000)).extracting(HistoryPoint::atMillis).containsExactly(400_000L);
    }

    @Test
    void a_huge_mesh_has_a_shorter_history_instead_of_more_memory() {
        for (int i = 1; i <= 50; i++) {
            history.add(image(i * 1000L, 5000), Map.of());
        }
        // 5 000 providers: 6 numbers each, and 4 for the pool
        assertThat(history.since(0)).hasSize(History.NUMBERS / (6 * 5000 + 4));
    }

    private static Image image(long atMillis, int providers) {
        List<Member> members = new ArrayList<>();
        List<ProviderState> states = new ArrayList<>();
        for (int i = 0; i < providers; i++) {
            members.add(new Member("p" + i, 250_000, 123));
            states.add(new ProviderState("p" + i, Status.ACTIVE, 100, 99, 8, 4, -3.5, 40, "fine"));
        }
        Proposal proposal = new Proposal(
                List.of(new PoolProposal("m", members, 90.5, 0.5, 50, 0.1, 123, 1, 0)),
                states,
                new Release(false, Set.of(), 0));
        return new Image(
                1,
                atMillis,
                Configs.of("p0"),
                new Declarations("file", Map.of(), Optional.empty(), atMillis, Optional.empty()),
                Map.of(),
                Optional.empty(),
                proposal,
                Map.of(),
                Set.of());
    }
}
