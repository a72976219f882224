package dev.weir.control.chain;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.control.model.Config.CapacitySource;
import dev.weir.control.model.Declarations.Declaration;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FollowerTest {
    private final FakeNode node = new FakeNode();

    static CapacitySource.Chain source(int confirmations, long fromBlock) {
        return new CapacitySource.Chain(
                URI.create("http://127.0.0.1:8545"),
                31337,
                Logs.REGISTRY,
                confirmations,
                fromBlock,
                Duration.ofMillis(500));
    }

    private Follower follower(int confirmations) {
        return new Follower(node, source(confirmations, 0));
    }

    @Test
    void a_declaration_counts_after_its_confirmations_and_not_before() throws Exception {
        Follower follower = follower(2);
        Header declared = node.mine(
                Logs.registered("a"), Logs.staked("a", 5, BigInteger.valueOf(5)), Logs.declared("a", 500, 3, "chat"));
        node.mine();
        assertThat(follower.advance()).isTrue();
        assertThat(follower.state().declarations()).isEmpty();
        node.mine();
        assertThat(follower.advance()).isTrue();
        Declaration a = requireNonNull(follower.state().declarations().get("a"));
        assertThat(a.workUnitsPerSecond()).isEqualTo(0.5);
        assertThat(a.slots()).isEqualTo(3);
        assertThat(a.taskTypes()).containsExactly("chat");
        assertThat(a.stake()).contains("5");
        assertThat(a.block().orElseThrow().hash()).isEqualTo(declared.hash());
        assertThat(follower.confirmed()).contains(declared);
    }

    @Test
    void a_reorganisation_of_unconfirmed_blocks_leaves_no_trace() throws Exception {
        Follower follower = follower(2);
        node.mine(Logs.registered("a"), Logs.declared("a", 500, 3));
        node.mine();
        follower.advance();
        node.drop(2);
        node.mineEmpty(5);
        assertThat(follower.advance()).isTrue();
        assertThat(follower.state().providers()).isEmpty();
        assertThat(follower.reorganisations()).isEqualTo(1);
        assertThat(follower.deepReorganisations()).isZero();
    }

    @Test
    void a_reorganisation_deeper_than_the_confirmations_takes_a_confirmed_declaration_out() throws Exception {
        Follower follower = follower(2);
        node.mine(Logs.registered("a"), Logs.declared("a", 500, 3));
        node.mine(Logs.declared("a", 9000, 9));
        node.mineEmpty(3);
        follower.advance();
        assertThat(capacity(follower, "a")).isEqualTo(9.0);
        node.drop(4);
        node.mineEmpty(4);
        assertThat(follower.advance()).isTrue();
        assertThat(capacity(follower, "a"))
                .as("as before the orphaned declaration")
                .isEqualTo(0.5);
        node.drop(5);
        node.mineEmpty(6);
        assertThat(follower.advance()).isTrue();
        assertThat(follower.state().declarations()).isEmpty();
        assertThat(follower.deepReorganisations()).isEqualTo(2);
    }

    @Test
    void a_reorganisation_beyond_what_is_kept_reads_everything_again() throws Exception {
        Follower follower = follower(1);
        node.mine(Logs.registered("old"), Logs.declared("old", 500, 3));
        for (int i = 0; i < Follower.MAX_HISTORY + 50; i++) {
            node.mine();
            follower.advance();
        }
        assertThat(follower.state().declarations()).containsOnlyKeys("old");
        node.replace();
        node.mine(Logs.registered("new"), Logs.declared("new", 700, 1));
        node.mineEmpty(3);
        assertThat(follower.advance()).isTrue();
        assertThat(follower.state().declarations()).containsOnlyKeys("new");
    }

    @Test
    void a_block_that_vanishes_while_it_is_read_is_no_outage() throws Exception {
        Follower follower = follower(0);
        node.mineEmpty(3);
        follower.advance();
        node.mine(Logs.registered("a"), Logs.declared("a", 500, 3));
        node.before = () -> {
            if (node.calls.get(node.calls.size() - 1).equals("head")) {
                node.before = () -> {};
                node.drop(1);
                node.mineEmpty(2);
            }
        };
        assertThat(follower.advance()).isFalse();
        assertThat(follower.advance()).isTrue();
        assertThat(follower.state().declarations()).isEmpty();
        assertThat(follower.confirmed()).contains(node.blocks.get(node.blocks.size() - 1));
    }

    @Test
    void a_range_that_does_not_follow_what_was_read_is_not_taken() throws Exception {
        Follower follower = follower(0);
        node.mine(Logs.registered("a"), Logs.declared("a", 500, 3));
        follower.advance();
        node.mineEmpty(200);
        node.before = () -> {
            if (node.calls.get(node.calls.size() - 1).equals("header")) { // the newest block read was still there
                node.before = () -> {};
                node.drop(201);
                node.mineEmpty(300);
            }
        };
        assertThat(follower.advance()).isFalse();
        assertThat(follower.advance()).isTrue();
        assertThat(follower.state().declarations()).isEmpty();
    }

    @Test
    void a_node_that_lags_behind_takes_nothing_back() throws Exception {
        Follower follower = follower(1);
        node.mine(Logs.registered("a"), Logs.declared("a", 500, 3));
        node.mineEmpty(5);
        follower.advance();
        Header confirmed = follower.confirmed().orElseThrow();
        node.lag = 3;
        assertThat(follower.advance()).isTrue();
        assertThat(follower.confirmed()).contains(confirmed);
        assertThat(follower.reorganisations()).isZero();
        node.lag = 0;
        node.mine();
        follower.advance();
        assertThat(follower.state().declarations()).containsOnlyKeys("a");
    }

    @Test
    void catching_up_reads_ranges_and_only_the_newest_blocks_one_by_one() throws Exception {
        node.mine(Logs.registered("a"), Logs.declared("a", 500, 3));
        node.mineEmpty(5_000);
        node.mine(Logs.declared("a", 700, 3));
        node.mineEmpty(5);
        Follower follower = follower(2);
        assertThat(follower.advance()).isTrue();
        assertThat(capacity(follower, "a")).isEqualTo(0.7);
        assertThat(node.calls.stream().filter("range"::equals)).hasSize(5);
        assertThat(node.calls.stream().filter("logs"::equals)).hasSize(Follower.NEAR_BLOCKS + 2);
    }

    @Test
    void a_range_that_the_node_refuses_is_asked_for_in_parts() throws Exception {
        node.maxRange = 100;
        node.mine(Logs.registered("a"), Logs.declared("a", 500, 3));
        node.mineEmpty(1_000);
        Follower follower = follower(2);
        assertThat(follower.advance()).isTrue();
        assertThat(follower.state().declarations()).containsOnlyKeys("a");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 3, 100, 128, 300, 999})
    void a_node_with_a_fixed_limit_refuses_few_requests_and_is_asked_for_nearly_all_it_gives(long limit)
            throws Exception {
        node.maxRange = limit;
        node.mine(Logs.registered("a"), Logs.declared("a", 500, 3));
        node.mineEmpty((int) Math.min(40_000, 200 * limit));
        Follower follower = follower(2);
        assertThat(follower.advance()).isTrue();
        long requests = node.calls.stream().filter("range"::equals).count();
        long fewest = node.blocks.size() / limit;
        assertThat(requests).isBetween(fewest - Follower.NEAR_BLOCKS, fewest + fewest / 5 + 40);
        assertThat(node.refusedRanges).isLessThanOrEqualTo(12 + requests / 50);
    }

    @Test
    void an_overload_or_a_rate_limit_is_waited_out_and_never_asked_in_parts() throws Exception {
        node.mine(Logs.registered("a"), Logs.declared("a", 500, 3));
        node.mineEmpty(3_000);
        Follower follower = follower(2);
        node.failing = "range"::equals;
        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(follower::advance).hasMessageContaining("connection refused");
        }
        assertThat(node.calls.stream().filter("range"::equals)).hasSize(20);
        node.failing = call -> false;
        node.calls.clear();
        assertThat(follower.advance()).isTrue();
        assertThat(node.calls.stream().filter("range"::equals)).hasSize(3);
    }

    @Test
    void an_error_in_unknown_words_is_waited_out_twice_and_then_asked_in_parts_one_wait_each() throws Exception {
        node.mine(Logs.registered("a"), Logs.declared("a", 500, 3));
        node.mineEmpty(3_000);
        node.failing = "range"::equals;
        node.failure = Optional.of(new NodeException("error 7 \"no\"", NodeException.Reason.UNCLEAR, Optional.empty()));
        Follower follower = follower(2);
        for (int i = 0; i < 4; i++) {
            assertThatThrownBy(follower::advance).hasMessageContaining("no");
        }
        assertThat(node.calls.stream().filter("range"::equals)).hasSize(4);
        node.failing = call -> false;
        node.maxRange = 499; // 1 000 and 500 were refused
        assertThat(follower.advance()).isTrue();
        assertThat(node.refusedRanges).isZero();
    }

    @Test
    void reading_starts_at_the_first_block_asked_for() throws Exception {
        node.mine(Logs.registered("a"), Logs.declared("a", 500, 3));
        node.mineEmpty(50);
        Follower follower = new Follower(node, source(2, 10));
        assertThat(follower.advance()).isTrue();
        assertThat(follower.state().providers()).isEmpty();
    }

    @Test
    void another_chain_is_refused_with_both_ids_and_takes_nothing_back() throws Exception {
        Follower follower = follower(0);
        node.mine(Logs.registered("a"), Logs.declared("a", 500, 3));
        follower.advance();
        node.replace();
        node.chainId = 1;
        assertThatThrownBy(follower::advance).hasMessage("chain id: 1 (expected: 31337)");
        assertThat(follower.state().declarations()).containsOnlyKeys("a");
    }

    @Test
    void a_chain_without_the_registry_is_refused_and_takes_nothing_back() throws Exception {
        Follower follower = follower(0);
        node.mine(Logs.registered("a"), Logs.declared("a", 500, 3));
        follower.advance();
        node.replace();
        node.code = false;
        assertThatThrownBy(follower::advance)
                .hasMessage("registry: no contract at " + Logs.REGISTRY + " (expected: a CapacityRegistry)");
        assertThat(follower.state().declarations()).containsOnlyKeys("a");
    }

    @Test
    void the_chain_id_is_asked_again_after_every_failure() throws Exception {
        Follower follower = follower(0);
        follower.advance();
        node.failing = "head"::equals;
        assertThatThrownBy(follower::advance).isInstanceOf(NodeException.class);
        node.failing = call -> false;
        node.chainId = 5;
        assertThatThrownBy(follower::advance).hasMessageContaining("chain id: 5");
    }

    @Test
    void logs_that_do_not_fit_are_counted_and_change_nothing() throws Exception {
        Follower follower = follower(0);
        node.mine(
                Logs.declared("nobody", 500, 3),
                Logs.registered("a"),
                Logs.registered("a"),
                Logs.log("Transfer(address,address,uint256)", "0x"));
        assertThat(follower.advance()).isTrue();
        assertThat(follower.state().providers()).containsOnlyKeys("a");
        assertThat(follower.refused()).isEqualTo(3);
    }

    @Test
    void strangers_cannot_make_it_hold_more_than_its_limit() throws Exception {
        RawLog[] many = new RawLog[RegistryState.MAX_PROVIDERS + 5];
        for (int i = 0; i < many.length; i++) {
            many[i] = Logs.registered("p" + i);
        }
        node.mine(many);
        Follower follower = follower(0);
        follower.advance();
        assertThat(follower.state().providers()).hasSize(RegistryState.MAX_PROVIDERS);
        assertThat(follower.refused()).isEqualTo(5);
    }

    /** Whatever the chain does, the state is what its blocks up to the newest confirmed one say. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void the_state_is_always_that_of_the_confirmed_chain(long seed) throws Exception {
        Random random = new Random(seed);
        int confirmations = random.nextInt(4);
        Follower follower = follower(confirmations);
        for (int step = 0; step < 120; step++) {
            int what = random.nextInt(20);
            if (what < 12) {
                node.mine(anything(random));
            } else if (what < 15) {
                int depth = Math.min(node.blocks.size() - 1, 1 + random.nextInt(what == 14 ? 40 : 4));
                node.drop(depth);
                for (int i = 0; i < depth + 1 + random.nextInt(3); i++) {
                    node.mine(anything(random));
                }
            } else if (what == 15) {
                for (int i = 0; i < 60; i++) {
                    node.mine(anything(random));
                }
            } else if (what == 16) {
                int after = random.nextInt(6);
                int[] left = {after};
                node.failing = call -> left[0]-- <= 0;
            } else if (what == 17) {
                node.lag = random.nextInt(3);
            }
            boolean quiet = node.lag == 0;
            if (what == 18) {
                int[] left = {random.nextInt(25)};
                int most = random.nextBoolean() ? 8 : 120;
                for (int i = random.nextInt(most); i >= 0; i--) {
                    node.mine(anything(random));
                }
                node.before = () -> {
                    if (left[0]-- == 0) {
                        int depth = Math.min(node.blocks.size() - 1, 1 + random.nextInt(most));
                        node.drop(depth);
                        for (int i = 0; i <= depth; i++) {
                            node.mine(anything(random));
                        }
                    }
                };
                quiet = false; // what is read may be of the chain before
            }
            try {
                if (follower.advance() && quiet) {
                    check(follower, confirmations, "seed " + seed + ", step " + step);
                }
            } catch (NodeException e) {
                assertThat(e).hasMessageContaining("connection refused");
            }
            node.failing = call -> false;
            node.before = () -> {};
            node.lag = 0;
        }
    }

    private void check(Follower follower, int confirmations, String where) throws Exception {
        if (follower.confirmed().isEmpty()) {
            return;
        }
        Header confirmed = follower.confirmed().get();
        assertThat(node.blocks).as(where).contains(confirmed);
        assertThat(confirmed.number()).as(where).isGreaterThanOrEqualTo(node.blocks.size() - 1L - confirmations);
        RegistryState expected = new RegistryState();
        EventDecoder decoder = new EventDecoder(Logs.REGISTRY);
        for (Header block : node.blocks.subList(0, (int) confirmed.number() + 1)) {
            List<RegistryEvent> events = new ArrayList<>();
            for (RawLog log : node.logsOf(block)) {
                events.add(decoder.decode(log));
            }
            expected.apply(events);
        }
        assertThat(follower.state().providers()).as(where).isEqualTo(expected.providers());
    }

    private static RawLog[] anything(Random random) {
        RawLog[] logs = new RawLog[random.nextInt(3)];
        for (int i = 0; i < logs.length; i++) {
            String provider = "p" + random.nextInt(5);
            logs[i] = switch (random.nextInt(4)) {
                case 0 -> Logs.registered(provider);
                case 1 -> Logs.staked(provider, 1, BigInteger.valueOf(random.nextInt(1_000)));
                case 2 -> Logs.declared(provider, 1 + random.nextInt(10_000), 1 + random.nextInt(9), "chat");
                default -> Logs.withdrawn(provider);
            };
        }
        return logs;
    }

    private static double capacity(Follower follower, String provider) {
        Map<String, Declaration> all = follower.state().declarations();
        Declaration found = all.get(provider);
        return found == null ? 0 : found.workUnitsPerSecond();
    }
}
