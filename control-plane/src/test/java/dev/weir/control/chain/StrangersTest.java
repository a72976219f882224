package dev.weir.control.chain;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.control.chain.Node.RawLog;
import dev.weir.control.chain.NodeException.Reason;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Whatever others write into the registry, what the followed owners say is read. */
final class StrangersTest {
    private static final int MANY = 1_000;

    private final FakeNode node = new FakeNode();
    private final Tally tally = new Tally();

    private Follower follower(String... names) {
        node.maxLogs = 10;
        return new Follower(node, FollowerTest.source(0, 0), Logs.names(names), tally);
    }

    private static RegisteredProvider provider(Follower follower, String name) {
        return requireNonNull(follower.state().byId().get(Logs.id(name)));
    }

    private static RawLog[] flood(RawLog before, RawLog each, RawLog... after) {
        RawLog[] logs = new RawLog[1 + MANY + after.length];
        logs[0] = before;
        for (int i = 1; i <= MANY; i++) {
            logs[i] = each;
        }
        System.arraycopy(after, 0, logs, 1 + MANY, after.length);
        return logs;
    }

    @Test
    void ten_thousand_registrations_and_their_floods_are_not_even_asked_for() throws Exception {
        Follower follower = follower("a");
        RawLog[] crowd = IntStream.range(0, 10_000)
                .mapToObj(i -> Logs.registered("p" + i, Logs.STRANGER))
                .toArray(RawLog[]::new);
        node.mine(crowd);
        node.mine(flood(Logs.registered("x", Logs.STRANGER), Logs.declared("x", 1_000, 1)));
        node.mine(Logs.registered("a"), Logs.declared("a", 500, 3));
        assertThat(follower.advance()).isTrue();
        assertThat(follower.state().byId()).containsOnlyKeys(Logs.id("a"));
        assertThat(provider(follower, "a").declared().orElseThrow().slots()).isEqualTo(3);
        assertThat(tally.refusedLogs + tally.unreadable).isZero();
    }

    @Test
    void a_stranger_with_a_followed_name_says_nothing_and_can_flood_nothing() throws Exception {
        Follower follower = follower("a", "b");
        node.mine(Logs.registered("b"), Logs.declared("b", 700, 2));
        node.mine(flood(
                Logs.registered("a", Logs.STRANGER),
                Logs.declared("a", 1_000_000_000_000L, 1_000_000),
                Logs.handedOver("a", "0x" + "77".repeat(20), 5)));
        assertThat(follower.advance()).isTrue();
        assertThat(follower.state().byId()).containsOnlyKeys(Logs.id("b"));
        assertThat(tally.unreadable).isZero();
    }

    @Test
    void a_name_that_is_handed_to_its_owner_brings_its_stake_and_no_word_of_who_had_it() throws Exception {
        Follower follower = follower("a");
        node.mine(
                Logs.registered("a", Logs.STRANGER),
                Logs.declared("a", 1_000_000, 100),
                Logs.handedOver("a", Logs.OWNER, 42));
        assertThat(follower.advance()).isTrue();
        assertThat(provider(follower, "a").declared()).isEmpty();
        assertThat(provider(follower, "a").staked()).isEqualTo(42);
        node.mine(Logs.declared("a", 500, 3));
        follower.advance();
        assertThat(provider(follower, "a").declared().orElseThrow().milliUnitsPerSecond())
                .isEqualTo(500);
        node.mine(Logs.handedOver("a", Logs.STRANGER, 42), Logs.declared("a", 1_000_000, 100));
        follower.advance();
        assertThat(follower.state().byId()).as("handed on").isEmpty();
    }

    @Test
    void a_name_given_back_and_taken_by_another_is_nobodys_until_its_owner_has_it_again() throws Exception {
        Follower follower = follower("a");
        node.mine(Logs.registered("a"), Logs.declared("a", 500, 3));
        node.mine(
                Logs.released("a", Logs.OWNER),
                Logs.registered("a", Logs.STRANGER),
                Logs.declared("a", 1_000_000, 100));
        follower.advance();
        assertThat(follower.state().byId()).isEmpty();
        node.mine(Logs.released("a", Logs.STRANGER), Logs.registered("a"), Logs.declared("a", 600, 3));
        follower.advance();
        assertThat(provider(follower, "a").declared().orElseThrow().milliUnitsPerSecond())
                .isEqualTo(600);
    }

    @Test
    void a_block_that_an_owner_floods_is_passed_over_for_it_alone() throws Exception {
        Follower follower = follower("a", "b", "c");
        node.mine(Logs.registered("a"), Logs.declared("a", 500, 3), Logs.registered("b"));
        node.mine(flood(
                Logs.registered("c"),
                Logs.declared("a", 700, 3),
                Logs.declared("b", 800, 4),
                Logs.declared("c", 900, 5)));
        assertThat(follower.advance()).isTrue();
        assertThat(provider(follower, "b").declared().orElseThrow().slots()).isEqualTo(4);
        assertThat(provider(follower, "c").declared().orElseThrow().slots()).isEqualTo(5);
        assertThat(provider(follower, "a").declared()).isEmpty();
        assertThat(provider(follower, "a").remark().orElseThrow()).contains("block 2");
        assertThat(tally.unreadable).isEqualTo(1);
        node.mine(Logs.declared("a", 900, 3));
        follower.advance();
        assertThat(provider(follower, "a").declared().orElseThrow().milliUnitsPerSecond())
                .isEqualTo(900);
        assertThat(provider(follower, "a").remark()).isEmpty();
    }

    @Test
    void a_stake_that_is_hidden_in_a_flood_is_none() throws Exception {
        Follower follower = follower("a");
        node.mine(
                Logs.registered("a"), Logs.staked("a", 9, java.math.BigInteger.valueOf(9)), Logs.declared("a", 500, 3));
        node.mine(flood(Logs.staked("a", 1, java.math.BigInteger.ONE), Logs.staked("a", 1, java.math.BigInteger.TEN)));
        follower.advance();
        assertThat(provider(follower, "a").staked()).isZero();
        assertThat(provider(follower, "a").declared()).isPresent();
        node.mine(Logs.staked("a", 1, java.math.BigInteger.valueOf(11)));
        follower.advance();
        assertThat(provider(follower, "a").staked()).isEqualTo(11);
    }

    @Test
    void a_flood_long_ago_is_passed_over_as_well() throws Exception {
        Follower follower = follower("a", "b");
        node.mine(Logs.registered("a"), Logs.registered("b"));
        node.mine(flood(Logs.declared("a", 1, 1), Logs.declared("a", 2, 2)));
        node.mine(Logs.declared("b", 800, 4));
        node.mineEmpty(500);
        boolean done = follower.advance();
        while (follower.hasMore()) {
            done = follower.advance();
        }
        assertThat(done).isTrue();
        assertThat(provider(follower, "b").declared()).isPresent();
        assertThat(provider(follower, "a").declared()).isEmpty();
        assertThat(tally.unreadable).isEqualTo(1);
    }

    @Test
    void a_node_that_says_so_in_words_is_believed_the_third_time() throws Exception {
        Follower follower = follower("a", "b");
        node.tooLong = Reason.TOO_MUCH;
        node.mine(Logs.registered("a"), Logs.registered("b"), Logs.declared("b", 800, 4));
        follower.advance();
        node.mine(flood(Logs.declared("a", 1, 1), Logs.declared("a", 2, 2)));
        assertThatThrownBy(follower::advance).hasMessageContaining("more than 10 logs");
        assertThatThrownBy(follower::advance).hasMessageContaining("more than 10 logs");
        assertThat(follower.advance()).isTrue();
        assertThat(provider(follower, "b").declared()).isPresent();
        assertThat(tally.unreadable).isEqualTo(1);
    }

    @Test
    void a_node_that_refuses_everything_is_waited_for_and_nothing_is_passed_over() throws Exception {
        Follower follower = follower("a");
        node.mine(Logs.registered("a"), Logs.declared("a", 500, 3));
        follower.advance();
        node.mine();
        node.maxLogs = -1;
        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(follower::advance).isInstanceOf(NodeException.class);
        }
        assertThat(tally.unreadable).isZero();
        assertThat(provider(follower, "a").declared()).isPresent();
        node.maxLogs = 10;
        assertThat(follower.advance()).isTrue();
        assertThat(provider(follower, "a").declared()).isPresent();
    }

    @Test
    void a_node_that_filters_nothing_is_not_believed() throws Exception {
        Names names = Logs.names("a");
        LogFilter arrivals = LogFilter.arrivals(Logs.REGISTRY, names).get(0);
        assertThat(arrivals.admits(Logs.registered("a"))).isTrue();
        assertThat(arrivals.admits(Logs.registered("a", Logs.STRANGER))).isFalse();
        assertThat(arrivals.admits(Logs.registered("b"))).isFalse();
        assertThat(arrivals.admits(Logs.declared("a", 1, 1))).isFalse();
        LogFilter said =
                LogFilter.of(Logs.REGISTRY, java.util.Set.of(Logs.id("a"))).get(0);
        assertThat(said.admits(Logs.declared("a", 1, 1))).isTrue();
        assertThat(said.admits(Logs.declared("b", 1, 1))).isFalse();
        assertThat(said.admits(Logs.log("SignerChanged(bytes32,address)", "0x", Logs.id("a"))))
                .isFalse();
    }

    @Test
    void many_names_are_asked_for_in_questions_that_nodes_take() throws Exception {
        Map<String, String> owners = new HashMap<>();
        IntStream.range(0, 1_234).forEach(i -> owners.put("p" + i, Logs.OWNER));
        Follower follower = new Follower(node, FollowerTest.source(0, 0), Names.of(owners), tally);
        node.mine(owners.keySet().stream().map(Logs::registered).toArray(RawLog[]::new));
        node.mine(Logs.declared("p1233", 500, 3));
        assertThat(follower.advance()).isTrue();
        assertThat(follower.state().byId()).hasSize(1_234);
        assertThat(provider(follower, "p1233").declared()).isPresent();
        assertThat(node.filters).allMatch(filter -> filter.ids().size() <= LogFilter.MAX_VALUES);
    }
}
