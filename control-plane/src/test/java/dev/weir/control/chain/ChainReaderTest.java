package dev.weir.control.chain;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.chain.Node.RawLog;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Declarations.Declaration;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ChainReaderTest {
    private final FakeNode node = new FakeNode();
    private final List<Declarations> out = new ArrayList<>();
    private long now = 1_000;
    private final ChainReader reader = new ChainReader(
            node,
            FollowerTest.source(1, 0),
            Logs.owners("a", "b"),
            out::add,
            () -> now,
            new RpcBackoff(Duration.ofMillis(500), ChainReader.MAX_BACKOFF, new Random(1)));

    private Declarations last() {
        return out.get(out.size() - 1);
    }

    @Test
    void hands_on_what_is_confirmed_with_block_and_time() {
        node.mine(Logs.registered("a"), Logs.declared("a", 2_000, 3));
        node.mine();
        assertThat(reader.poll()).isEqualTo(Duration.ofMillis(500));
        assertThat(last().source()).isEqualTo("chain");
        assertThat(last().byProvider()).containsOnlyKeys("a");
        assertThat(last().head().orElseThrow().number()).isEqualTo(1);
        assertThat(last().head().orElseThrow().hash())
                .isEqualTo(node.blocks.get(1).hash());
        assertThat(last().confirmedAtMillis()).isEqualTo(1_000);
        assertThat(last().problem()).isEmpty();
    }

    @Test
    void an_outage_keeps_the_last_confirmed_grows_old_and_is_said_once() {
        node.mine(Logs.registered("a"), Logs.declared("a", 2_000, 3));
        node.mine();
        reader.poll();
        node.failing = call -> true;
        now = 9_000;
        int before = out.size();
        for (int i = 0; i < 5; i++) {
            reader.poll();
        }
        assertThat(out).hasSize(before + 1);
        assertThat(last().byProvider()).containsOnlyKeys("a");
        assertThat(last().confirmedAtMillis()).isEqualTo(1_000);
        assertThat(last().problem()).contains("chain: node:8545: head: connection refused");
        node.failing = call -> false;
        reader.poll();
        assertThat(last().problem()).isEmpty();
        assertThat(last().confirmedAtMillis()).isEqualTo(9_000);
        assertThat(reader.stats().failures()).isEqualTo(5);
    }

    @Test
    void before_anything_is_confirmed_it_says_so_and_claims_nothing() {
        FakeNode young = new FakeNode();
        ChainReader early = new ChainReader(
                young,
                FollowerTest.source(5, 0),
                Logs.owners("a"),
                out::add,
                () -> now,
                new RpcBackoff(Duration.ofMillis(500), ChainReader.MAX_BACKOFF, new Random(1)));
        early.poll();
        assertThat(last().confirmedAtMillis()).isZero();
        assertThat(last().head()).isEmpty();
        assertThat(last().problem()).contains("chain: no block from 0 on has 5 confirmations yet");
    }

    @Test
    void waits_longer_from_failure_to_failure_with_jitter_and_an_end() {
        node.failing = call -> true;
        long whole = 500;
        for (int i = 0; i < 10; i++) {
            long millis = reader.poll().toMillis();
            assertThat(millis).isBetween(whole / 2, whole);
            whole = Math.min(5_000, whole * 2);
        }
        node.failing = call -> false;
        node.mine();
        assertThat(reader.poll()).isEqualTo(Duration.ofMillis(500));
        node.failing = call -> true;
        assertThat(reader.poll().toMillis()).isBetween(250L, 500L);
    }

    @Test
    void a_node_that_asks_to_be_left_alone_is_for_a_minute_at_most() {
        node.failing = call -> true;
        node.failure = Optional.of(asking(Duration.ofSeconds(20)));
        assertThat(reader.poll()).isEqualTo(Duration.ofSeconds(20));
        node.failure = Optional.of(asking(Duration.ofDays(30)));
        assertThat(reader.poll()).isEqualTo(ChainReader.MAX_RETRY_AFTER);
        node.failure = Optional.of(asking(Duration.ZERO));
        assertThat(reader.poll().toMillis()).isPositive();
    }

    private static NodeException asking(Duration retryAfter) {
        return new NodeException("HTTP status 429", NodeException.Reason.OTHER, Optional.of(retryAfter));
    }

    @Test
    void a_chain_replaced_by_an_empty_one_keeps_the_last_confirmed_until_the_new_one_has_confirmed_blocks() {
        node.mine(Logs.registered("a"), Logs.declared("a", 2_000, 3));
        node.mineEmpty(5);
        reader.poll();
        node.replace();
        reader.poll();
        assertThat(last().byProvider()).containsOnlyKeys("a");
        assertThat(last().problem()).contains("chain: no block from 0 on has 1 confirmations yet");
        node.mine(Logs.registered("b"), Logs.declared("b", 2_000, 3));
        node.mine();
        reader.poll();
        assertThat(last().byProvider()).containsOnlyKeys("b");
        assertThat(last().problem()).isEmpty();
    }

    @Test
    void a_stake_that_moves_moves_the_cap() {
        node.decimals = 3;
        node.mine(Logs.registered("a"), staked(1_500), Logs.declared("a", 2_000, 8));
        node.mine();
        reader.poll();
        Declaration half = requireNonNull(last().byProvider().get("a"));
        assertThat(half.cap()).as("one and a half tokens").contains(1.5);
        assertThat(half.workUnitsPerSecond()).isEqualTo(2);
        assertThat(half.countedRate()).isEqualTo(1.5);
        assertThat(half.countedSlots()).isEqualTo(6);
        assertThat(half.stake()).contains("1500");
        node.mine(staked(5_000));
        node.mine();
        reader.poll();
        assertThat(requireNonNull(last().byProvider().get("a")).countedRate()).isEqualTo(2);
        node.mine(staked(1));
        node.mine();
        reader.poll();
        assertThat(requireNonNull(last().byProvider().get("a")).countedRate()).isEqualTo(0.001);
    }

    private static RawLog staked(long after) {
        return Logs.staked("a", 1, BigInteger.valueOf(after));
    }

    @Test
    void a_name_that_is_added_has_its_history_read_while_the_others_go_on() {
        node.mine(Logs.registered("c"), Logs.declared("c", 3_000, 3));
        node.mine(Logs.registered("a"), Logs.declared("a", 2_000, 3));
        node.maxRange = 10;
        node.mineEmpty(2_000);
        while (out.isEmpty() || !last().byProvider().containsKey("a")) {
            reader.poll();
        }
        reader.follow(Logs.owners("a", "c"));
        node.mine(Logs.declared("a", 4_000, 3));
        node.mine();
        reader.poll();
        assertThat(last().byProvider()).as("not read yet").containsOnlyKeys("a");
        assertThat(requireNonNull(last().byProvider().get("a")).workUnitsPerSecond())
                .as("did not wait")
                .isEqualTo(4);
        int polls = 0;
        while (!last().byProvider().containsKey("c")) {
            reader.poll();
            assertThat(++polls).isLessThan(100);
            assertThat(last().byProvider()).containsKey("a");
        }
        assertThat(polls).as("in turns").isGreaterThan(2);
        reader.follow(Logs.owners("c"));
        reader.poll();
        assertThat(last().byProvider()).containsOnlyKeys("c");
    }

    @Test
    void another_owner_ends_what_the_one_before_said_at_once_even_in_an_outage() {
        node.mine(Logs.registered("a"), Logs.declared("a", 2_000, 3));
        node.mine(Logs.registered("b"), Logs.declared("b", 2_000, 3));
        node.mine();
        reader.poll();
        assertThat(last().byProvider()).containsOnlyKeys("a", "b");
        node.failing = call -> true;
        reader.follow(Map.of("a", Logs.STRANGER, "b", Logs.OWNER));
        reader.poll();
        assertThat(last().byProvider()).containsOnlyKeys("b");
        node.failing = call -> false;
        node.mine(Logs.handedOver("a", Logs.STRANGER, 7), Logs.declared("a", 1_000, 1));
        node.mine();
        reader.poll();
        reader.poll();
        assertThat(requireNonNull(last().byProvider().get("a")).stake()).contains("7");
    }

    @Test
    void says_whose_a_name_is_that_declares_nothing() {
        node.stored.put("a", stored("a", Logs.STRANGER));
        node.stored.put("b", stored("b", Logs.OWNER));
        node.mineEmpty(3);
        for (int i = 0; i < 3; i++) {
            reader.poll();
        }
        assertThat(requireNonNull(last().remarks().get("a")))
                .isEqualTo("owner: " + Logs.STRANGER + " (expected: " + Logs.OWNER + "; nothing that it says counts)");
        assertThat(requireNonNull(last().remarks().get("b"))).startsWith("has declared nothing");
        long looks = node.calls.stream().filter("provider"::equals).count();
        assertThat(looks).as("each once").isEqualTo(2);
        node.stored.clear();
        now += Holders.MILLIS_BETWEEN;
        node.mine(Logs.registered("b"), Logs.declared("b", 2_000, 3));
        node.mine();
        reader.poll();
        assertThat(last().remarks()).containsOnly(Map.entry("a", "not registered"));
    }

    private static StoredProvider stored(String name, String owner) {
        return new StoredProvider(name, owner, owner, 1, 1, BigInteger.ONE, BigInteger.ZERO, 0);
    }
}
