package dev.weir.control.chain;

import dev.weir.control.chain.Node.Header;
import dev.weir.control.model.CapacitySource;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Declarations.Block;
import dev.weir.control.model.Declarations.Declaration;
import dev.weir.control.threads.Named;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
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
 * <p>Only what the owners of some names say is read. Other names can be followed at any time: those that were not followed
 * before, or for another owner, have their history read beside the others, who do not wait for it.
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

    private final Node node;
    private final CapacitySource.Chain source;
    private final String nothingYet;
    private final Consumer<Declarations> output;
    private final LongSupplier wallMillis;
    private final RpcBackoff backoff;
    private final Thread thread;
    private final Tally tally = new Tally();
    private final Holders holders;

    private Names names;
    private Follower follower;
    /** Reads the history of {@link #names} while the other goes on with those that it knows. */
    private @Nullable Follower next;

    private Declarations last = Declarations.none("chain");
    private volatile Names wanted;
    private volatile ReaderStats stats = tally.stats();
    private volatile boolean stopping;

    /**
     * @param source the chain and the registry
     * @param owners who may speak for each name: 0x and 40 lower-case hex digits by provider name
     * @param output gets declarations on the reader's thread; must not block
     * @param wallMillis wall clock
     * @param random for the waiting times between attempts
     */
    public ChainReader(
            CapacitySource.Chain source,
            Map<String, String> owners,
            Consumer<Declarations> output,
            LongSupplier wallMillis,
            RandomGenerator random) {
        this(
                new PacedNode(
                        new EthNode(new HttpRpc(source.rpc(), CALL_TIMEOUT, MAX_ANSWER_BYTES)),
                        System::nanoTime,
                        TimeUnit.NANOSECONDS::sleep),
                source,
                owners,
                output,
                wallMillis,
                new RpcBackoff(source.pollInterval(), MAX_BACKOFF, random));
    }

    ChainReader(
            Node node,
            CapacitySource.Chain source,
            Map<String, String> owners,
            Consumer<Declarations> output,
            LongSupplier wallMillis,
            RpcBackoff backoff) {
        this.node = node;
        this.source = source;
        this.names = Names.of(owners);
        this.wanted = names;
        this.follower = new Follower(node, source, names, tally);
        this.holders = new Holders(node, source.registry(), wallMillis);
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

    /** Follows these names from the next poll on, and no others. May be called on any thread. */
    public void follow(Map<String, String> owners) {
        wanted = Names.of(owners);
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
                tally.failures++;
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
        tally.polls++;
        try {
            adopt();
            boolean news = follower.advance();
            boolean hasMore = follower.hasMore();
            Follower added = next;
            if (added != null) {
                if (added.advance()) {
                    follower = added;
                    next = null;
                    news = true;
                }
                hasMore |= added.hasMore();
            }
            if (news) {
                confirmed();
                if (holders.look(names, last.byProvider().keySet())) {
                    confirmed();
                }
            }
            backoff.reset();
            return hasMore ? Duration.ZERO : source.pollInterval();
        } catch (NodeException e) {
            tally.failures++;
            failed(e);
            return longer(backoff.next(), e.retryAfter().orElse(Duration.ZERO));
        } finally {
            stats = tally.stats();
        }
    }

    /**
     * Takes the names that are wanted now: what is no longer wanted stops to count at once; what is new is read from the first
     * block on.
     */
    private void adopt() {
        Names now = wanted;
        if (now.equals(names)) {
            return;
        }
        Names before = names;
        names = now;
        next = null;
        boolean known = now.byId().entrySet().stream()
                .allMatch(
                        each -> follower.follows(each.getKey(), each.getValue().owner()));
        if (!known) {
            next = new Follower(node, source, now, tally);
        }
        Map<String, Declaration> left = new HashMap<>(last.byProvider());
        before.byId().forEach((id, bound) -> {
            if (!now.binds(id, bound.owner())) {
                left.remove(bound.name());
            }
        });
        holders.forget();
        hand(new Declarations("chain", left, last.head(), last.confirmedAtMillis(), last.problem(), Map.of()));
    }

    private static Duration longer(Duration own, Duration asked) {
        Duration bounded = asked.compareTo(MAX_RETRY_AFTER) < 0 ? asked : MAX_RETRY_AFTER;
        return own.compareTo(bounded) > 0 ? own : bounded;
    }

    private void confirmed() throws NodeException {
        Header header = follower.confirmed().orElseThrow(() -> new NodeException(nothingYet));
        if (last.problem().isPresent() && last.head().isPresent()) {
            log.info("chain: answers again");
        }
        Map<String, Declaration> declarations = new HashMap<>();
        Map<String, String> remarks = new HashMap<>(holders.remarks());
        follower.state().byId().forEach((id, provider) -> {
            Names.Bound bound = names.bound(id);
            if (bound != null && follower.follows(id, bound.owner())) {
                provider.declared().ifPresent(declared -> {
                    remarks.remove(bound.name());
                    declarations.put(bound.name(), declaration(provider, declared));
                });
                provider.remark().ifPresent(remark -> remarks.put(bound.name(), remark));
            }
        });
        hand(new Declarations(
                "chain",
                declarations,
                Optional.of(new Block(header.number(), header.hash())),
                wallMillis.getAsLong(),
                Optional.empty(),
                remarks));
    }

    private Declaration declaration(RegisteredProvider provider, RegistryEvent.Declared declared) {
        double tokens = new BigDecimal(provider.staked())
                .movePointLeft(follower.stakeDecimals())
                .doubleValue();
        OptionalDouble unitsPerToken = source.unitsPerToken();
        return new Declaration(
                provider.name(),
                declared.milliUnitsPerSecond() / 1000.0,
                declared.slots(),
                declared.taskTypes(),
                Optional.of(provider.staked().toString()),
                unitsPerToken.isPresent() ? Optional.of(tokens * unitsPerToken.getAsDouble()) : Optional.empty(),
                Optional.of(declared.block()));
    }

    private void failed(NodeException e) {
        @Nullable String message = e.getMessage();
        Optional<String> problem = Optional.of("chain: " + message);
        if (stopping || problem.equals(last.problem())) {
            return;
        }
        log.warn("{}; the last confirmed declarations stay", problem.get());
        hand(new Declarations(
                "chain", last.byProvider(), last.head(), last.confirmedAtMillis(), problem, last.remarks()));
    }

    private void hand(Declarations declarations) {
        last = declarations;
        output.accept(declarations);
    }
}
