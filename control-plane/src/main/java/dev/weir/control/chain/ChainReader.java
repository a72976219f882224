package dev.weir.control.chain;

import dev.weir.control.model.Config.CapacitySource;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Declarations.Block;
import dev.weir.control.threads.Named;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads declarations from the chain on a thread of its own. Each answered poll hands on what is confirmed now; when the node
 * stops to answer, or is not the right one, the last confirmed declarations are handed on once more, with the problem.
 *
 * <p>Nothing is stored: a new reader reads from {@code fromBlock} again, up to 1 000 blocks per request.
 */
public final class ChainReader implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ChainReader.class);

    static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);
    private static final long CLOSE_MILLIS = 1_000;
    static final Duration MAX_BACKOFF = Duration.ofSeconds(5);
    /** The longest that a node may ask to be left alone. */
    static final Duration MAX_RETRY_AFTER = Duration.ofMinutes(1);
    /** Largest answer; a range whose logs are more is asked for in parts. */
    static final int MAX_ANSWER_BYTES = 2 << 20;

    private final Follower follower;
    private final Duration pollInterval;
    private final String nothingYet;
    private final Consumer<Declarations> output;
    private final LongSupplier wallMillis;
    private final Backoff backoff;
    private final Thread thread;

    private Declarations last = new Declarations("chain", Map.of(), Optional.empty(), 0, Optional.empty());
    private long polls;
    private long failures;
    private volatile ReaderStats stats = new ReaderStats(0, 0, 0, 0, 0);
    private volatile boolean stopping;

    /**
     * @param source the chain and the registry
     * @param output gets declarations on the reader's thread; must not block
     * @param wallMillis wall clock
     * @param random for the waiting times between attempts
     */
    public ChainReader(
            CapacitySource.Chain source,
            Consumer<Declarations> output,
            LongSupplier wallMillis,
            RandomGenerator random) {
        this(
                new PacedNode(
                        new EthNode(new HttpRpc(source.rpc(), CALL_TIMEOUT, MAX_ANSWER_BYTES)),
                        System::nanoTime,
                        TimeUnit.NANOSECONDS::sleep),
                source,
                output,
                wallMillis,
                new Backoff(source.pollInterval(), MAX_BACKOFF, random));
    }

    ChainReader(
            Node node,
            CapacitySource.Chain source,
            Consumer<Declarations> output,
            LongSupplier wallMillis,
            Backoff backoff) {
        this.follower = new Follower(node, source);
        this.pollInterval = source.pollInterval();
        this.nothingYet =
                "no block from " + source.fromBlock() + " on has " + source.confirmations() + " confirmations yet";
        this.output = output;
        this.wallMillis = wallMillis;
        this.backoff = backoff;
        this.thread = Named.loop("weir-chain", this::run);
        thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    public ReaderStats stats() {
        return stats;
    }

    /** Ends the thread; a call in progress is given up, and one that cannot be (name service is silent) is not waited for. */
    @Override
    public void close() {
        stopping = true;
        thread.interrupt();
        try {
            thread.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!stopping) {
            Duration wait;
            try {
                wait = poll();
            } catch (RuntimeException e) {
                failures++;
                wait = backoff.next();
                log.error("reading the chain failed; the last confirmed declarations stay", e);
            }
            try {
                Thread.sleep(wait.toMillis());
            } catch (InterruptedException e) {
                return; // close() alone interrupts
            }
        }
    }

    /** Asks the node once and hands on what it said; returns how long to wait until the next time. */
    Duration poll() {
        polls++;
        try {
            boolean caughtUp = follower.advance();
            if (caughtUp) {
                confirmed(follower.confirmed().orElseThrow(() -> new NodeException(nothingYet)));
            }
            backoff.reset();
            return pollInterval;
        } catch (NodeException e) {
            failures++;
            failed(e);
            return longer(backoff.next(), e.retryAfter().orElse(Duration.ZERO));
        } finally {
            stats = new ReaderStats(
                    polls, failures, follower.refused(), follower.reorganisations(), follower.deepReorganisations());
        }
    }

    private static Duration longer(Duration own, Duration asked) {
        Duration bounded = asked.compareTo(MAX_RETRY_AFTER) < 0 ? asked : MAX_RETRY_AFTER;
        return own.compareTo(bounded) > 0 ? own : bounded;
    }

    private void confirmed(Header header) {
        if (last.problem().isPresent() && last.head().isPresent()) {
            log.info("chain: answers again");
        }
        Optional<Block> head = Optional.of(new Block(header.number(), header.hash()));
        hand(new Declarations(
                "chain",
                head.equals(last.head()) ? last.byProvider() : follower.state().declarations(),
                head,
                wallMillis.getAsLong(),
                Optional.empty()));
    }

    private void failed(NodeException e) {
        @Nullable String message = e.getMessage();
        Optional<String> problem = Optional.of("chain: " + message);
        if (stopping || problem.equals(last.problem())) {
            return;
        }
        log.warn("{}; the last confirmed declarations stay", problem.get());
        hand(new Declarations("chain", last.byProvider(), last.head(), last.confirmedAtMillis(), problem));
    }

    private void hand(Declarations declarations) {
        last = declarations;
        output.accept(declarations);
    }
}
