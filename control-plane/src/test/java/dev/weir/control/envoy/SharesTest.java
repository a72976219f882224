package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.Shares.Share;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Pool.Member;
import dev.weir.control.testing.PoolMaker;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.weights.Proposal.ProviderState;
import dev.weir.weights.Proposal.Status;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SharesTest {
    private static final Pool POOL = Meshes.pool("m", new Match.Model("m"), "a", "b", "c");
    private static final Set<String> ALL = Set.of("a", "b", "c");

    private static Proposal decided(Pool pool, int... weights) {
        return Meshes.decision(1, Meshes.decided(pool, weights)).proposal();
    }

    @Test
    void decided_weights_pass_as_they_are_in_the_order_of_the_configuration() {
        assertThat(Shares.of(POOL, decided(POOL, 500_000, 300_000, 200_000), ALL))
                .containsExactly(new Share("a", 500_000), new Share("b", 300_000), new Share("c", 200_000));
    }

    @Test
    void who_cannot_be_called_leaves_its_share_to_the_others() {
        assertThat(Shares.of(POOL, decided(POOL, 500_000, 300_000, 200_000), Set.of("b", "c")))
                .containsExactly(new Share("b", 600_000), new Share("c", 400_000));
    }

    @Test
    void a_member_that_was_not_decided_about_gets_nothing() {
        assertThat(Shares.of(POOL, decided(POOL, 600_000, 400_000), ALL))
                .containsExactly(new Share("a", 600_000), new Share("b", 400_000));
    }

    @Test
    void nobody_means_no_list() {
        assertThat(Shares.of(POOL, decided(POOL, 0, 0, 0), ALL)).isEmpty();
        assertThat(Shares.of(POOL, decided(POOL, 1_000_000, 0, 0), Set.of())).isEmpty();
        Pool other = Meshes.pool("other", new Match.Model("other"), "a");
        assertThat(Shares.of(POOL, decided(other, 1_000_000), ALL)).isEmpty();
    }

    @Test
    void a_standby_is_a_retry_target_and_takes_over_when_it_is_the_last() {
        Pool pool = PoolMaker.like(POOL)
                .members(List.of(new Member("a", Optional.empty(), false), new Member("b", Optional.empty(), true)))
                .make();

        assertThat(Shares.of(pool, decided(pool, 1_000_000, 0), ALL))
                .containsExactly(new Share("a", 999_999), new Share("b", 1));
        assertThat(Shares.of(pool, decided(pool, 1_000_000, 0), Set.of("b")))
                .containsExactly(new Share("b", 1_000_000));
        assertThat(Shares.of(pool, decided(pool, 0, 0), Set.of("a"))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"ABSENT", "DRAINING"})
    void a_standby_that_gets_nothing_waits_for_nothing(Status status) {
        Pool pool = PoolMaker.like(POOL)
                .members(List.of(new Member("a", Optional.empty(), false), new Member("b", Optional.empty(), true)))
                .make();
        Proposal proposal = new Proposal(
                List.of(Meshes.decided(pool, 1_000_000, 0)),
                List.of(new ProviderState("b", status, 0, 0, 1, 0, 0, 0, "has declared nothing")),
                new Proposal.Release(true, Set.of(), 0));

        assertThat(Shares.of(pool, proposal, ALL)).containsExactly(new Share("a", 1_000_000), new Share("b", 0));
    }

    @Test
    void whatever_is_decided_the_sum_is_exact_and_who_had_something_keeps_something() {
        Random random = new Random(7);
        for (int run = 0; run < 2_000; run++) {
            int size = 1 + random.nextInt(30);
            List<Member> members = new ArrayList<>();
            List<Proposal.Member> decided = new ArrayList<>();
            Set<String> callable = new HashSet<>();
            for (int i = 0; i < size; i++) {
                members.add(new Member("p" + i, Optional.empty(), random.nextInt(10) == 0));
                int scale = 1 << random.nextInt(20);
                decided.add(new Proposal.Member("p" + i, random.nextInt(3) == 0 ? 0 : random.nextInt(scale) + 1, 1));
                if (random.nextInt(4) > 0) {
                    callable.add("p" + i);
                }
            }
            Pool pool = PoolMaker.like(POOL).members(members).make();
            PoolProposal proposal = new PoolProposal("m", decided, 0, 0, 0, 0, 1, 1, 0);

            List<Share> shares = Shares.of(
                    pool,
                    new Proposal(List.of(proposal), List.of(), new Proposal.Release(true, Set.of(), 0)),
                    callable);

            boolean any = false;
            for (Proposal.Member member : decided) {
                boolean standby = members.get(decided.indexOf(member)).standby();
                any |= callable.contains(member.provider()) && (member.weight() > 0 || standby);
            }
            if (!any) {
                assertThat(shares).isEmpty();
                continue;
            }
            assertThat(shares.stream().mapToInt(Share::weight).sum()).isEqualTo(1_000_000);
            assertThat(shares).allMatch(share -> callable.contains(share.provider()) && share.weight() >= 0);
            for (Proposal.Member member : decided) {
                if (member.weight() > 0 && callable.contains(member.provider())) {
                    assertThat(shares).anyMatch(s -> s.provider().equals(member.provider()) && s.weight() >= 1);
                }
            }
        }
    }
}
