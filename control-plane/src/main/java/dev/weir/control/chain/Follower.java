package dev.weir.control.chain;

import dev.weir.control.chain.Node.Header;
import dev.weir.control.chain.NodeException.Reason;
import dev.weir.control.model.CapacitySource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the logs of some names block by block and knows their state after the newest confirmed block.
 *
 * <p>Two stretches of blocks are kept: the unconfirmed ones with their events, and the last {@value #MAX_HISTORY} confirmed
 * ones with what takes their events back. When a block is no longer on the node's chain, blocks are dropped from the end until
 * one is: past the unconfirmed ones, that takes confirmed events back, too. If none is left, everything is read
 * again from the first block. Far from the head whole ranges are read; a range counts as one block. What was counted goes
 * into a {@link Tally}.
 *
 * <p>Not safe for several threads.
 */
final class Follower {
    private static final Logger log = LoggerFactory.getLogger(Follower.class);

    /** Confirmed blocks that can be taken back without reading everything again. */
    static final int MAX_HISTORY = 256;
    /** Blocks before the newest confirmed one that are read one by one: reorganisations seldom reach further. */
    static final int NEAR_BLOCKS = 32;
    /** Refusals in unknown words, one after the other, after which fewer blocks are asked for. */
    private static final int UNCLEAR_REFUSALS = 3;
    /** Ranges after which others have their turn. */
    static final int RANGES_PER_TURN = 25;

    private final Node node;
    private final CapacitySource.Chain source;
    private final String registry;
    private final Names names;
    private final LogReader logs;
    private final Tally tally;

    private final RegistryState state;
    private final Deque<Confirmed> history = new ArrayDeque<>();
    private final Deque<Pending> pending = new ArrayDeque<>();
    private boolean verified;
    private final BlockRange range = new BlockRange();
    private int unclear;
    private boolean interrupted;
    private int stakeDecimals;

    /** A confirmed block and what takes its events back. */
    private record Confirmed(Header header, RegistryState.Undo undo) {}

    /** An unconfirmed block and its events. */
    private record Pending(Header header, List<RegistryEvent> events) {}

    /** @param names which names, and who may speak for them */
    Follower(Node node, CapacitySource.Chain source, Names names, Tally tally) {
        this.node = node;
        this.source = source;
        this.names = names;
        this.tally = tally;
        this.registry = source.registry().toLowerCase(Locale.ROOT);
        this.logs = new LogReader(node, registry, names, tally);
        this.state = new RegistryState(names, tally);
    }

    /**
     * Reads what is new.
     *
     * @return whether all confirmed blocks of the node's chain are read; not when the chain changed under way or much is left
     *     ({@link #hasMore}): ask again
     * @throws NodeException when the node does not answer or is not the right one; what was read stays
     */
    boolean advance() throws NodeException {
        boolean done = false;
        interrupted = false;
        try {
            Header head = node.head();
            if (!verified) {
                verify();
                verified = true;
            }
            if (!continues(head)) {
                verify();
                rollBack(head);
            }
            done = readRanges(head) && readBlocks(head);
            if (done) {
                confirm(head.number() - source.confirmations());
            }
            return done;
        } finally {
            verified &= done || interrupted;
        }
    }

    /** Whether the last {@link #advance} ended so that others have their turn. */
    boolean hasMore() {
        return interrupted;
    }

    /** Decimals of the staked token. */
    int stakeDecimals() {
        return stakeDecimals;
    }

    /** Newest confirmed block; empty before the first. */
    Optional<Header> confirmed() {
        return Optional.ofNullable(history.peekLast()).map(Confirmed::header);
    }

    RegistryState state() {
        return state;
    }

    /** Whether what {@code owner} says of a provider is read. */
    boolean follows(String id, String owner) {
        return names.binds(id, owner);
    }

    private void verify() throws NodeException {
        long chainId = node.chainId();
        if (chainId != source.chainId()) {
            throw new NodeException("chain id: " + chainId + " (expected: " + source.chainId() + ")");
        }
        if (!node.hasCode(registry)) {
            throw new NodeException("registry: no contract at " + registry + " (expected: a CapacityRegistry)");
        }
        stakeDecimals = node.stakeDecimals(registry);
    }

    /** Whether the newest block read is on the chain that ends with {@code head}, as far as the node knows. */
    private boolean continues(Header head) throws NodeException {
        Header tip = tip();
        if (tip == null || head.equals(tip)) {
            return true;
        }
        if (head.number() == tip.number() + 1) {
            return head.parentHash().equals(tip.hash());
        }
        if (head.number() < tip.number()) {
            return isRead(head); // a node that lags behind the one asked before
        }
        return isOnChain(tip);
    }

    private boolean isRead(Header header) {
        return pending.stream().anyMatch(each -> each.header().equals(header))
                || history.stream().anyMatch(each -> each.header().equals(header));
    }

    private boolean isOnChain(Header header) throws NodeException {
        return node.header(header.number()).equals(Optional.of(header));
    }

    private void rollBack(Header head) throws NodeException {
        int unconfirmed = 0;
        int confirmed = 0;
        for (Header tip = tip(); tip != null && !isOnChain(tip); tip = tip()) {
            if (!pending.isEmpty()) {
                pending.removeLast();
                unconfirmed++;
            } else {
                state.undo(history.removeLast().undo());
                confirmed++;
            }
        }
        if (unconfirmed + confirmed == 0) {
            return;
        }
        tally.reorganisations++;
        if (confirmed == 0) {
            log.info("reorganisation before block {}: {} unconfirmed blocks dropped", head.number(), unconfirmed);
            return;
        }
        tally.deepReorganisations++;
        if (history.isEmpty()) {
            state.clear();
            log.warn("the chain was replaced: no block read before is on it; everything is read again");
        } else {
            log.warn(
                    "reorganisation deeper than {} confirmations before block {}: {} confirmed blocks taken back",
                    source.confirmations(),
                    head.number(),
                    confirmed);
        }
    }

    /** Reads the blocks that no usual reorganisation reaches, in ranges. */
    private boolean readRanges(Header head) throws NodeException {
        long last = head.number() - source.confirmations() - NEAR_BLOCKS;
        for (int ranges = 0; next() <= last; ranges++) {
            if (ranges == RANGES_PER_TURN) {
                interrupted = true;
                return false;
            }
            long from = next();
            long to = Math.min(from + range.size() - 1, last);
            Header before = tip();
            Header end = node.header(to).orElseThrow(() -> new NodeException("block " + to + " has vanished"));
            Optional<List<RegistryEvent>> events;
            try {
                events = to > from ? Optional.of(logs.range(from, to, held())) : logs.block(end, held());
            } catch (NodeException e) {
                if (to > from && isTooMuch(e)) {
                    range.refused(to - from + 1);
                }
                if (to == from || !e.asksForLess()) {
                    throw e;
                }
                continue;
            }
            if (events.isEmpty()) {
                return false;
            }
            unclear = 0;
            range.answered(to - from + 1);
            // the next block must name this range's end as its parent; whether the range follows what was read, nobody
            // else asks
            if (before != null && !isOnChain(before)) {
                return false;
            }
            append(new Pending(end, events.get()));
            confirm(to);
        }
        return true;
    }

    /** Whether fewer blocks may be asked for at once. Everything else is waited out. */
    private boolean isTooMuch(NodeException e) {
        unclear = e.reason() == Reason.UNCLEAR ? unclear + 1 : 0;
        return e.asksForLess() || unclear >= UNCLEAR_REFUSALS;
    }

    private boolean readBlocks(Header head) throws NodeException {
        while (next() <= head.number()) {
            long number = next();
            Optional<Header> found = number == head.number() ? Optional.of(head) : node.header(number);
            Header tip = tip();
            if (found.isEmpty() || (tip != null && !found.get().parentHash().equals(tip.hash()))) {
                return false;
            }
            Header block = found.get();
            Optional<List<RegistryEvent>> events = logs.block(block, held());
            if (events.isEmpty()) {
                if (isOnChain(block)) {
                    throw new NodeException("block " + number + " " + block.hash() + ": the node has no logs of it");
                }
                return false;
            }
            append(new Pending(block, events.get()));
        }
        return true;
    }

    private void append(Pending block) {
        pending.addLast(block);
    }

    private void confirm(long upTo) {
        while (!pending.isEmpty() && pending.getFirst().header().number() <= upTo) {
            Pending block = pending.removeFirst();
            history.addLast(new Confirmed(block.header(), state.apply(block.events())));
            if (history.size() > MAX_HISTORY) {
                history.removeFirst();
            }
        }
    }

    /** Names whose owner may be the right one after the newest block read. */
    private Set<String> held() {
        Set<String> ids = new HashSet<>(state.byId().keySet());
        pending.forEach(block -> block.events().forEach(event -> ids.add(event.id())));
        return ids;
    }

    private @Nullable Header tip() {
        Pending last = pending.peekLast();
        if (last != null) {
            return last.header();
        }
        Confirmed confirmed = history.peekLast();
        return confirmed == null ? null : confirmed.header();
    }

    private long next() {
        Header tip = tip();
        return tip == null ? source.fromBlock() : tip.number() + 1;
    }
}
