package dev.weir.control.chain;

import dev.weir.control.chain.Node.Header;
import dev.weir.control.chain.Node.RawLog;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A node that is asked {@value #PER_SECOND} times a second over time and {@value #BURST} times at once: catching up must not
 * use up a public node's allowance.
 */
final class PacedNode implements Node {
    static final int PER_SECOND = 25;
    static final int BURST = 100;

    private static final long NANOS_EACH = 1_000_000_000L / PER_SECOND;

    private final Node node;
    private final LongSupplier nanoTime;
    private final Sleeper sleeper;
    /** When all that was asked so far is paid for. */
    private long paidNanos;

    /** Waits; {@link Thread#sleep} in life. */
    interface Sleeper {
        void sleep(long nanos) throws InterruptedException;
    }

    PacedNode(Node node, LongSupplier nanoTime, Sleeper sleeper) {
        this.node = node;
        this.nanoTime = nanoTime;
        this.sleeper = sleeper;
        this.paidNanos = nanoTime.getAsLong();
    }

    @Override
    public long chainId() throws NodeException {
        pace();
        return node.chainId();
    }

    @Override
    public boolean hasCode(String address) throws NodeException {
        pace();
        return node.hasCode(address);
    }

    @Override
    public Header head() throws NodeException {
        pace();
        return node.head();
    }

    @Override
    public Optional<Header> header(long number) throws NodeException {
        pace();
        return node.header(number);
    }

    @Override
    public Optional<List<RawLog>> logs(LogFilter filter, Header block) throws NodeException {
        pace();
        return node.logs(filter, block);
    }

    @Override
    public List<RawLog> logs(LogFilter filter, long from, long to) throws NodeException {
        pace();
        return node.logs(filter, from, to);
    }

    @Override
    public int stakeDecimals(String registry) throws NodeException {
        pace();
        return node.stakeDecimals(registry);
    }

    @Override
    public Optional<StoredProvider> provider(String registry, String name) throws NodeException {
        pace();
        return node.provider(registry, name);
    }

    private void pace() throws NodeException {
        long now = nanoTime.getAsLong();
        paidNanos = (paidNanos - now < 0 ? now : paidNanos) + NANOS_EACH;
        long early = paidNanos - now - BURST * NANOS_EACH;
        if (early > 0) {
            try {
                sleeper.sleep(early);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new NodeException("interrupted");
            }
        }
    }
}
