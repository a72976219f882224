package dev.weir.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.weights.Observation.MemberInput;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Observation.ProviderInput;
import dev.weir.weights.Proposal.Member;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.weights.Proposal.ProviderState;
import dev.weir.weights.Proposal.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What one tick saw and thought, by name. */
final class IndexedListTest {
    private static final Member A = new Member("a", 1, 2);
    private static final PoolProposal CHAT =
            new PoolProposal("chat", List.of(new Member("b", 3, 4), A), 0, 0, 0, 0, 1, 1, 0);
    private static final ProviderState STATE = new ProviderState("a", Status.ACTIVE, 1, 1, 1, 0, 0, 0, "test");

    private static Proposal proposal(List<PoolProposal> pools) {
        return new Proposal(pools, List.of(STATE), new Proposal.Release(false, Set.of(), 0));
    }

    @Test
    void what_was_thought_is_found_by_name() {
        Proposal proposal = proposal(List.of(CHAT));
        assertThat(proposal.pool("chat")).containsSame(CHAT);
        assertThat(proposal.pool("other")).isEmpty();
        assertThat(proposal.provider("a")).containsSame(STATE);
        assertThat(proposal.provider("b")).isEmpty();
        assertThat(CHAT.member("a")).containsSame(A);
        assertThat(CHAT.member("c")).isEmpty();
    }

    @Test
    void what_was_seen_is_found_by_name() {
        MemberInput member = new MemberInput("a", 1, 2, 3, 4, true);
        PoolInput pool = new PoolInput("chat", List.of(member), 1, 1);
        ProviderInput provider = new ProviderInput("a", 1, 1, 0);
        Observation seen = new Observation(0, false, List.of(pool), List.of(provider));
        assertThat(seen.pool("chat")).containsSame(pool);
        assertThat(seen.pool("a")).isEmpty();
        assertThat(seen.provider("a")).containsSame(provider);
        assertThat(seen.provider("chat")).isEmpty();
        assertThat(pool.member("a")).containsSame(member);
        assertThat(pool.member("b")).isEmpty();
    }

    @Test
    void of_two_with_one_name_the_first_is_found() {
        PoolProposal second = new PoolProposal("chat", List.of(), 9, 9, 9, 9, 9, 9, 9);
        assertThat(proposal(List.of(CHAT, second)).pool("chat")).containsSame(CHAT);
    }

    @Test
    void a_list_that_finds_by_name_is_a_list_like_any_other() {
        List<PoolProposal> plain = new ArrayList<>(List.of(CHAT));
        Proposal proposal = proposal(plain);
        plain.clear();
        assertThat(proposal.pools())
                .isEqualTo(List.of(CHAT))
                .hasToString(List.of(CHAT).toString());
        assertThat(List.of(CHAT)).isEqualTo(proposal.pools()).hasSameHashCodeAs(proposal.pools());
        assertThat(proposal(proposal.pools())).isEqualTo(proposal);
        assertThatThrownBy(() -> proposal.pools().remove(0)).isInstanceOf(UnsupportedOperationException.class);
        plain.add(null);
        assertThatThrownBy(() -> proposal(plain)).isInstanceOf(NullPointerException.class);
    }
}
