package dev.weir.control.pick;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.control.model.Admission;
import dev.weir.control.model.Admission.OnUnavailable;
import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Epoch;
import dev.weir.control.model.Image;
import dev.weir.control.model.Pool;
import dev.weir.control.testing.Configs;
import dev.weir.control.testing.PoolMaker;
import dev.weir.weights.Observation;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.Member;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.weights.Proposal.ProviderState;
import dev.weir.weights.Proposal.Release;
import dev.weir.weights.Proposal.Status;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.testing.RecordMaker;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Pool m of two providers with two slots and 40 requests a second each: a mean service time of 50 ms. */
final class HandoversTest {
    private static final long SECOND = 1_000_000_000L;

    private final Handovers handovers = new Handovers();
    private long now = SECOND;
    private OnUnavailable onUnavailable = OnUnavailable.OPEN;

    private Image image() {
        Config plain = Configs.of("a", "b");
        Map<String, Pool> pools = new HashMap<>();
        plain.pools()
                .forEach((name, pool) -> pools.put(
                        name,
                        PoolMaker.like(pool)
                                .admission(Admission.governed(onUnavailable, new Admission.Queue.Provider()))
                                .make()));
        Proposal proposal = new Proposal(
                List.of(new PoolProposal(
                        "m",
                        List.of(new Member("a", 500_000, 1), new Member("b", 500_000, 1)),
                        1,
                        0.5,
                        0,
                        0,
                        250,
                        3,
                        0)),
                List.of(state("a"), state("b")),
                new Release(false, Set.of(), 0));
        Observation observation = new Observation(1, false, List.of(new PoolInput("m", List.of(), 100, 1)), List.of());
        return new Image(
                1,
                1,
                new Config(plain.mesh(), plain.providers(), pools),
                new Declarations("file", Map.of(), Optional.empty(), 1, Optional.empty()),
                Map.of("a", List.of("127.0.0.1"), "b", List.of("127.0.0.1")),
                Optional.of(new Decision(new Epoch(1, 1), 1, observation, proposal)),
                proposal,
                Map.of(),
                handovers.over());
    }

    private static ProviderState state(String name) {
        return new ProviderState(name, Status.ACTIVE, 40, 40, 2, 0, 0, 0, "");
    }

    private static AccessRecord.GrantFacts check(long answeredMillis, long heldMicros) {
        return new AccessRecord.GrantFacts("1-1", "1.1", 1, heldMicros, "", answeredMillis);
    }

    private static AccessRecord call(String id, AccessRecord.@Nullable GrantFacts check) {
        return RecordMaker.call(id).pool("m").check(check).make();
    }

    private boolean look() {
        Image image = image();
        now += SECOND;
        handovers.look(image, new MeshView(image, image.decision().orElseThrow()), now);
        return handovers.over().contains("m");
    }

    /** Seconds in which this many answers took so long; whether the pool is handed over at their end. */
    private boolean seconds(int count, int answers, long answeredMillis, long heldMicros) {
        boolean over = false;
        for (int second = 0; second < count; second++) {
            for (int i = 0; i < answers; i++) {
                handovers.heard(call("", check(answeredMillis, heldMicros)));
            }
            over = look();
        }
        return over;
    }

    @Test
    void late_answers_hand_a_pool_over_and_prompt_ones_bring_it_back() {
        assertThat(seconds(100, 50, 2, 0)).isFalse();
        assertThat(seconds(2, 50, 30, 0)).isFalse();
        assertThat(seconds(1, 50, 30, 0)).isTrue();
        assertThat(handovers.answerSeconds()).isCloseTo(0.030, within(1e-9));
        assertThat(seconds(60, 2, 30, 0)).as("a few still ask").isTrue();
        assertThat(seconds(60, 2, 1, 0)).isFalse();
    }

    @Test
    void what_was_held_was_not_late() {
        assertThat(seconds(100, 50, 20_000, 19_999_000)).isFalse();
        assertThat(seconds(5, 50, 20_030, 20_000_000)).isTrue();
    }

    @Test
    void who_gave_up_waited_as_long_as_a_sidecar_waits() {
        for (int second = 0; second < 5; second++) {
            for (int i = 0; i < 10; i++) {
                handovers.givenUp("");
            }
            look();
        }
        assertThat(handovers.over()).containsExactly("m");
    }

    @Test
    void a_handful_of_late_answers_and_those_without_a_time_say_nothing() {
        assertThat(seconds(1, LagMeter.MIN_SAMPLES - 1, 500, 0)).isFalse();
        assertThat(seconds(100, 50, -1, 0)).isFalse();
        handovers.heard(call("", null));
        assertThat(look()).isFalse();
    }

    @Test
    void a_call_that_went_without_its_grant_had_been_given_up() {
        for (int second = 0; second < 5; second++) {
            for (int i = 0; i < 10; i++) {
                String id = second + "-" + i;
                handovers.granted(id);
                handovers.heard(call(id, null));
                handovers.heard(call(id, null)); // a copy says nothing
            }
            look();
        }
        assertThat(handovers.over()).containsExactly("m");
    }

    @Test
    void a_call_that_was_never_granted_gave_nothing_up() {
        for (int second = 0; second < 60; second++) {
            for (int i = 0; i < 50; i++) {
                handovers.heard(call("ungoverned" + i, null));
                handovers.granted("unheard" + second + "-" + i);
            }
            assertThat(look()).isFalse();
        }
    }

    @Test
    void a_broken_client_in_ten_hands_nothing_over() {
        for (int second = 0; second < 60; second++) {
            handovers.givenUp("");
            assertThat(seconds(1, 40, 1, 0)).isFalse();
        }
    }

    @Test
    void nothing_may_go_unchecked_in_a_closed_pool() {
        onUnavailable = OnUnavailable.CLOSED;
        assertThat(seconds(100, 50, 400, 0)).isFalse();
    }
}
