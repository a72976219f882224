package dev.weir.control.chain;

import dev.weir.control.chain.Node.Header;
import dev.weir.control.chain.Node.RawLog;
import dev.weir.control.chain.NodeException.Reason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.web3j.crypto.Hash;

/** A chain in memory that can be reorganised, lag behind, lie and fall silent. */
final class FakeNode implements Node {
    long chainId = 31337;
    boolean code = true;
    /** Calls whose name matches fail. */
    Predicate<String> failing = call -> false;
    /** Most blocks per range, as public nodes limit it. */
    long maxRange = Long.MAX_VALUE;
    /** Ranges refused for their length. */
    long refusedRanges;
    /** Most logs in an answer; more are too long. */
    int maxLogs = Integer.MAX_VALUE;
    /** Why an answer that is too long is refused. */
    Reason tooLong = Reason.TOO_LONG;
    /** What the registry has now, by name. */
    final Map<String, StoredProvider> stored = new HashMap<>();

    int decimals = 0;
    /** What was asked for. */
    final List<LogFilter> filters = new ArrayList<>();
    /** Runs before each call. */
    Runnable before = () -> {};
    /** What a call that fails says; empty = no connection. */
    Optional<NodeException> failure = Optional.empty();
    /** Head that is reported instead of the newest. */
    long lag;

    final List<Header> blocks = new ArrayList<>();
    final List<String> calls = new ArrayList<>();
    private final Map<String, List<RawLog>> logs = new HashMap<>();
    private long salt;

    FakeNode() {
        mine();
    }

    /** A block with these logs on top. */
    Header mine(RawLog... found) {
        Header parent = blocks.isEmpty() ? new Header(-1, Logs.ANY_HASH, Logs.ANY_HASH) : blocks.get(blocks.size() - 1);
        long number = parent.number() + 1;
        Header block = new Header(number, Hash.sha3String(parent.hash() + number + "/" + salt++), parent.hash());
        blocks.add(block);
        List<RawLog> own = new ArrayList<>();
        for (RawLog log : found) {
            own.add(Logs.in(log, block, own.size()));
        }
        logs.put(block.hash(), own);
        return block;
    }

    void mineEmpty(int count) {
        for (int i = 0; i < count; i++) {
            mine();
        }
    }

    /** Takes the newest blocks away. */
    void drop(int depth) {
        for (int i = 0; i < depth; i++) {
            logs.remove(blocks.remove(blocks.size() - 1).hash());
        }
    }

    /** Another chain from the first block on. */
    void replace() {
        drop(blocks.size());
        mine();
    }

    List<RawLog> logsOf(Header block) {
        return logs.getOrDefault(block.hash(), List.of());
    }

    @Override
    public long chainId() throws NodeException {
        called("chainId");
        return chainId;
    }

    @Override
    public boolean hasCode(String address) throws NodeException {
        called("hasCode");
        return code;
    }

    @Override
    public Header head() throws NodeException {
        called("head");
        return blocks.get((int) Math.max(0, blocks.size() - 1 - lag));
    }

    @Override
    public Optional<Header> header(long number) throws NodeException {
        called("header");
        return number < blocks.size() - lag ? Optional.of(blocks.get((int) number)) : Optional.empty();
    }

    @Override
    public Optional<List<RawLog>> logs(LogFilter filter, Header block) throws NodeException {
        called("logs");
        filters.add(filter);
        List<RawLog> found = logs.get(block.hash());
        return found == null ? Optional.empty() : Optional.of(answer(filter, found));
    }

    @Override
    public List<RawLog> logs(LogFilter filter, long from, long to) throws NodeException {
        called("range");
        filters.add(filter);
        if (to - from + 1 > maxRange) {
            refusedRanges++;
            throw new NodeException("error -32005 \"range too long\"", Reason.TOO_MUCH, Optional.empty());
        }
        List<RawLog> all = new ArrayList<>();
        for (long n = from; n <= to && n < blocks.size(); n++) {
            all.addAll(logsOf(blocks.get((int) n)));
        }
        return answer(filter, all);
    }

    @Override
    public int stakeDecimals(String registry) throws NodeException {
        called("decimals");
        return decimals;
    }

    @Override
    public Optional<StoredProvider> provider(String registry, String name) throws NodeException {
        called("provider");
        return Optional.ofNullable(stored.get(name));
    }

    private List<RawLog> answer(LogFilter filter, List<RawLog> all) throws NodeException {
        List<RawLog> asked = all.stream().filter(filter::admits).toList();
        if (asked.size() > maxLogs) {
            throw new NodeException("body: more than " + maxLogs + " logs", tooLong, Optional.empty());
        }
        return reversed(asked);
    }

    /** Nothing promises an order. */
    private static List<RawLog> reversed(List<RawLog> logs) {
        List<RawLog> all = new ArrayList<>(logs);
        Collections.reverse(all);
        return all;
    }

    private void called(String call) throws NodeException {
        before.run();
        calls.add(call);
        if (failing.test(call)) {
            if (failure.isPresent()) {
                throw failure.get();
            }
            throw new NodeException("node:8545: " + call + ": connection refused");
        }
    }
}
