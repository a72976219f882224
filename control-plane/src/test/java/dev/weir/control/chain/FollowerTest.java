package dev.weir.control.chain;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.control.chain.Node.Header;
import dev.weir.control.chain.Node.RawLog;
import dev.weir.control.chain.RegistryEvent.Declared;
import dev.weir.control.model.CapacitySource;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FollowerTest {
    private final FakeNode node = new FakeNode();
    private final Tally tally = new Tally();

    static CapacitySource.Chain source(int confirmations, long fromBlock) {
        return new CapacitySource.Chain(
                URI.create("http://127.0.0.1:8545"),
                31337,
                Logs.REGISTRY,
                confirmations,
                fromBlock,
                Duration.ofMillis(500),
                OptionalDouble.of(1));
    }

    private Follower follower(int confirmations) {
        return follower(confirmations, 0);
    }

    private Follower follower(int confirmations, long fromBlock) {
        Names names = Logs.names("a", "b", "old", "new", "p0", "p1", "p2", "p3", "p4");
        return new Follower(node, source(confirmations, fromBlock), names, tally);
    }

    private static Map<String, RegisteredProvider> providers(Follower follower) {
        return byName(follower.state());
    }

    private static Map<String, RegisteredProvider> byName(RegistryState state) {
        Map<String, RegisteredProvider> all = new HashMap<>();
        state.byId().values().forEach(provider -> all.put(provider.name(), provider));
        return all;
    }

    private static Map<String, Declared> declared(Follower follower) {
        Map<String, Declared> all = new HashMap<>();
        providers(follower).forEach((name, provider) -> provider.declared().ifPresent(d -> all.put(name, d)));
        return all;
    }

    /** Reads on until others need no turn. */
    private static boolean toTheEnd(Follower follower) throws NodeException {
        boolean done = follower.advance();
        while (follower.hasMore()) {
            done = follower.advance();
        }
        return done;
    }

    @Test
    void a_declaration_counts_after_its_confirmations_and_not_before() throws Exception {
        Follower follower = follower(2);
        Header declared = node.mine(
                Logs.registered("a"), Logs.staked("a", 5, BigInteger.valueOf(5)), Logs.declared("a", 500, 3, "chat"));
        node.mine();
        assertThat(follower.advance()).isTrue();
        assertThat(declared(follower)).isEmpty();
        node.mine();
        assertThat(follower.advance()).isTrue();
        Declared a = requireNonNull(declared(follower).get("a"));
        assertThat(a.milliUnitsPerSecond()).isEqualTo(500);
        assertThat(a.slots()).isEqualTo(3);
        assertThat(a.taskTypes()).containsExactly("chat");
        assertThat(requireNonNull(providers(follower).get("a")).staked()).isEqualTo(5);
        assertThat(a.block().hash()).isEqualTo(declared.hash());
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
        assertThat(providers(follower)).isEmpty();
        assertThat(tally.reorganisations).isEqualTo(1);
        assertThat(tally.deepReorganisations).isZero();
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
        assertThat(declared(follower)).isEmpty();
        assertThat(tally.deepReorganisations).isEqualTo(2);
    }

    @Test
    void a_reorganisation_beyond_what_is_kept_reads_everything_again() throws Exception {
        Follower follower = follower(1);
        node.mine(Logs.registered("old"), Logs.declared("old", 500, 3));
        for (int i = 0; i < Follower.MAX_HISTORY + 50; i++) {
            node.mine();
            follower.advance();
        }
        assertThat(declared(follower)).containsOnlyKeys("old");
        node.replace();
        node.mine(Logs.registered("new"), Logs.declared("new", 700, 1));
        node.mineEmpty(3);
        assertThat(follower.advance()).isTrue();
        assertThat(declared(follower)).containsOnlyKeys("new");
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
        assertThat(declared(follower)).isEmpty();
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
        assertThat(declared(follower)).isEmpty();
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
        assertThat(tally.reorganisations).isZero();
        node.lag = 0;
        node.mine();
        follower.advance();
        assertThat(declared(follower)).containsOnlyKeys("a");
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
        assertThat(node.calls.stream().filter("range"::equals))
                .as("who came, then what they say")
                .hasSize(10);
        assertThat(node.calls.stream().filter("logs"::equals)).hasSize(2 * (Follower.NEAR_BLOCKS + 2));
    }

    @Test
    void a_range_that_the_node_refuses_is_asked_for_in_parts() throws Exception {
        node.maxRange = 100;
        node.mine(Logs.registered("a"), Logs.declared("a", 500, 3));
        node.mineEmpty(1_000);
        Follower follower = follower(2);
        assertThat(follower.advance()).isTrue();
        assertThat(declared(follower)).containsOnlyKeys("a");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 3, 100, 128, 300, 999})
    void a_node_with_a_fixed_limit_refuses_few_requests_and_is_asked_for_nearly_all_it_gives(long limit)
            throws Exception {
        node.maxRange = limit;
        node.mine(Logs.registered("a"), Logs.declared("a", 500, 3));
        node.mineEmpty((int) Math.min(40_000, 200 * limit));
        Follower follower = follower(2);
        assertThat(toTheEnd(follower)).isTrue();
        // two questions for each answer, one for each refusal; a range of one block is asked for as a block
        long ranges = node.calls.stream().filter("range"::equals).count() + node.refusedRanges;
        long blocks = node.calls.stream().filter("logs"::equals).count();
        long requests = (ranges + blocks) / 2 - Follower.NEAR_BLOCKS - 2;
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
        assertThat(node.calls.stream().filter("range"::equals)).hasSize(6);
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
        assertThat(toTheEnd(follower)).isTrue();
        assertThat(node.refusedRanges).isZero();
    }

    @Test
    void reading_starts_at_the_first_block_asked_for() throws Exception {
        node.mine(Logs.registered("a"), Logs.declared("a", 500, 3));
        node.mineEmpty(50);
        Follower follower = follower(2, 10);
        assertThat(follower.advance()).isTrue();
        assertThat(providers(follower)).isEmpty();
    }

    @Test
    void another_chain_is_refused_with_both_ids_and_takes_nothing_back() throws Exception {
        Follower follower = follower(0);
        node.mine(Logs.registered("a"), Logs.declared("a", 500, 3));
        follower.advance();
        node.replace();
        node.chainId = 1;
        assertThatThrownBy(follower::advance).hasMessage("chain id: 1 (expected: 31337)");
        assertThat(declared(follower)).containsOnlyKeys("a");
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
        assertThat(declared(follower)).containsOnlyKeys("a");
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
        node.mine(Logs.registered("a"), Logs.registered("a"), Logs.declared("a", 0, 3));
        assertThat(follower.advance()).isTrue();
        assertThat(providers(follower)).containsOnlyKeys("a");
        assertThat(tally.refusedLogs).isEqualTo(2);
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
        Names names = Logs.names("a", "b", "old", "new", "p0", "p1", "p2", "p3", "p4");
        RegistryState expected = new RegistryState(names, new Tally());
        EventDecoder decoder = new EventDecoder(Logs.REGISTRY);
        for (Header block : node.blocks.subList(0, (int) confirmed.number() + 1)) {
            List<RegistryEvent> events = new ArrayList<>();
            for (RawLog log : node.logsOf(block)) {
                events.add(decoder.decode(log));
            }
            expected.apply(events);
        }
        assertThat(providers(follower)).as(where).isEqualTo(byName(expected));
    }

    private static RawLog[] anything(Random random) {
        RawLog[] logs = new RawLog[random.nextInt(3)];
        for (int i = 0; i < logs.length; i++) {
            String provider = "p" + random.nextInt(5);
            logs[i] = switch (random.nextInt(7)) {
                case 0 -> Logs.registered(provider);
                case 4 -> Logs.handedOver(provider, random.nextBoolean() ? Logs.OWNER : Logs.STRANGER, 3);
                case 5 -> Logs.released(provider, Logs.OWNER);
                case 6 -> Logs.registered(provider, Logs.STRANGER);
                case 1 -> Logs.staked(provider, 1, BigInteger.valueOf(random.nextInt(1_000)));
                case 2 -> Logs.declared(provider, 1 + random.nextInt(10_000), 1 + random.nextInt(9), "chat");
                default -> Logs.withdrawn(provider);
            };
        }
        return logs;
    }

    private static double capacity(Follower follower, String provider) {
        Declared found = declared(follower).get(provider);
        return found == null ? 0 : found.milliUnitsPerSecond() / 1000.0;
    }
}
