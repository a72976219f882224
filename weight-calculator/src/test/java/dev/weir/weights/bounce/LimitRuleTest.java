package dev.weir.weights.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.weights.Observation;
import dev.weir.weights.Observation.MemberInput;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Observation.ProviderInput;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.ProviderState;
import dev.weir.weights.Proposal.Status;
import dev.weir.weights.bounce.LimitRule.Terms;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class LimitRuleTest {
    private static final Terms TERMS = new Terms(0.5, 2);

    private final List<ProviderInput> inputs = new ArrayList<>();
    private final List<ProviderState> states = new ArrayList<>();
    private final List<PoolInput> pools = new ArrayList<>();

    private LimitRuleTest provider(String id, double capacity, int slots, Status status, long ageNanos) {
        inputs.add(new ProviderInput(id, capacity, slots, ageNanos));
        states.add(new ProviderState(id, status, capacity, capacity, slots, 0, 0, 0, "test"));
        return this;
    }

    private LimitRuleTest provider(String id, double capacity, int slots) {
        return provider(id, capacity, slots, Status.ACTIVE, 0);
    }

    private static MemberInput member(String provider, long inFlight) {
        return new MemberInput(provider, inFlight, 0, 0, 0, false);
    }

    private LimitRuleTest pool(String id, double work, MemberInput... members) {
        pools.add(new PoolInput(id, List.of(members), 1, work));
        return this;
    }

    private Map<String, SideLimits> limits(Map<String, SideCounts> counts, String... of) {
        Map<String, Terms> terms = new java.util.TreeMap<>();
        for (String provider : of) {
            terms.put(provider, TERMS);
        }
        return LimitRule.limits(
                new Observation(0, false, pools, inputs),
                new Proposal(List.of(), states, new Proposal.Release(false, Set.of(), 0)),
                terms,
                counts);
    }

    @Test
    void a_first_attempt_is_limited_by_what_the_pool_has_waiting() {
        provider("a", 100, 4).provider("b", 300, 9).pool("p", 1, member("a", 44), member("b", 49));
        // (40 + 40) / 400 = 0.2 s
        assertThat(limits(Map.of(), "a", "b"))
                .containsEntry("a", new SideLimits(25, 204, 204, 0.2)) // 4 + 20 + 1
                .containsEntry("b", new SideLimits(71, 609, 609, 0.2)); // 9 + 60 + 1.5
    }

    @Test
    void each_limit_leaves_room_for_what_the_other_cluster_holds() {
        provider("a", 100, 4).pool("p", 1, member("a", 20));
        // L = 0.16 s: 4 + 16 + 1 less 7, and 204 less 13
        assertThat(limits(Map.of("a", new SideCounts(13, 7)), "a"))
                .containsEntry("a", new SideLimits(14, 191, 204, 0.16));
    }

    @Test
    void a_false_count_is_no_more_than_what_was_sent() {
        provider("a", 100, 4).pool("p", 1, member("a", 4));
        assertThat(limits(Map.of("a", new SideCounts(Long.MAX_VALUE, -5)), "a"))
                .containsEntry("a", new SideLimits(5, 200, 204, 0));
        // all of it said to be further attempts: still a first one may pass
        assertThat(limits(Map.of("a", new SideCounts(0, 1_000_000)), "a"))
                .containsEntry("a", new SideLimits(1, 204, 204, 0));
    }

    @Test
    void the_largest_level_of_a_shared_provider_counts() {
        provider("a", 100, 4)
                .provider("b", 100, 4)
                .pool("p", 1, member("a", 4))
                .pool("q", 1, member("a", 0), member("b", 24));
        // p: 0; q: (0 + 20) / 200
        assertThat(limits(Map.of(), "a")).containsEntry("a", new SideLimits(15, 204, 204, 0.1));
    }

    @Test
    void a_stalled_provider_and_one_that_only_serves_retries_are_not_what_the_pool_waits_for() {
        provider("a", 100, 4)
                .provider("stalled", 1000, 4, Status.STALLED, 0)
                .provider("standby", 1000, 400)
                .pool("p", 1, member("a", 14), member("stalled", 900), new MemberInput("standby", 0, 0, 0, 0, true));
        assertThat(limits(Map.of(), "a")).containsEntry("a", new SideLimits(15, 204, 204, 0.1));
    }

    @Test
    void lost_trust_does_not_shed() {
        inputs.add(new ProviderInput("a", 100, 4, 0));
        states.add(new ProviderState("a", Status.ACTIVE, 100, 1, 4, 0, 0, 0, "test"));
        pool("p", 1, member("a", 4));
        // a quarter of what is declared, and all of it while nobody measures
        assertThat(limits(Map.of(), "a")).containsEntry("a", new SideLimits(5, 54, 204, 0));
    }

    @Test
    void work_is_counted_in_requests() {
        provider("a", 1000, 4).pool("p", 100, member("a", 24));
        // 10 requests a second; L = 100 * 20 / 1000 = 2 s
        assertThat(limits(Map.of(), "a")).containsEntry("a", new SideLimits(24, 24, 24, 2));
    }

    @Test
    void where_nothing_is_measured_it_rests() {
        provider("unseen", 100, 4, Status.ACTIVE, -1)
                .provider("old", 100, 4, Status.ACTIVE, 6_000_000_001L)
                .provider("absent", 0, 4, Status.ABSENT, 0)
                .provider("odd", Double.NaN, 4)
                .pool("p", 1, member("unseen", 1), member("old", 1), member("absent", 1), member("odd", 1));
        assertThat(limits(Map.of(), "unseen", "old", "absent", "odd"))
                .containsEntry("unseen", new SideLimits(8, 204, 204, 0))
                .containsEntry("old", new SideLimits(8, 204, 204, 0))
                .containsEntry("absent", new SideLimits(8, 8, 8, 0))
                .containsEntry("odd", new SideLimits(8, 8, 8, 0));
        assertThat(limits(Map.of(), "unknown")).containsEntry("unknown", new SideLimits(3, 3, 3, 0));
    }
}
