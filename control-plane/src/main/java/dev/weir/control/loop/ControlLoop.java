package dev.weir.control.loop;

import static java.util.Objects.requireNonNull;

import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Declarations.Declaration;
import dev.weir.control.model.Epoch;
import dev.weir.control.model.Image;
import dev.weir.control.model.Mesh;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Provider;
import dev.weir.control.threads.OneThread;
import dev.weir.weights.Calculator;
import dev.weir.weights.Observation;
import dev.weir.weights.Observation.MemberInput;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Observation.ProviderInput;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.Announcement;
import dev.weir.weights.Settings;
import dev.weir.weights.bounce.LimitRule;
import dev.weir.weights.bounce.SideCounts;
import dev.weir.weights.bounce.SideLimits;
import dev.weir.xds.wire.ClusterName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop: each {@link #tick} drains the inbox, asks the calculator and, when something is released, makes the next
 * decision.
 *
 * <p>All mutable state of the control plane is here and belongs to the one thread that calls {@link #tick}; what leaves is
 * an immutable {@link Image}.
 */
public final class ControlLoop {
    private static final Logger log = LoggerFactory.getLogger(ControlLoop.class);
    private static final double MAX_CAPACITY = 1e12;

    private final Inbox inbox;
    private final LongSupplier wallMillis;
    private final OneThread thread = new OneThread();
    private final LoadState loads = new LoadState(thread);
    private final ProxyLoad sides = new ProxyLoad(thread);
    private final CompletionCounts records = new CompletionCounts(thread, this::pool);
    private final FlowingAttempts flows = new FlowingAttempts(thread);
    private final Contrast contrast = new Contrast(thread);
    private final CheckedDemand checks = new CheckedDemand(thread);
    private final ReleaseGuard hold;
    private final Locations locations;
    private final AnnouncedPrices prices;
    private final Pauses pauses = new Pauses(thread);
    private final Map<String, Long> retriesOwed = new HashMap<>();

    /** As configured; what of it is in force is {@link #config}. */
    private Config wanted;

    private Config config;
    private Calculator calculator;
    private Declarations declarations;
    private boolean declared;
    private Map<String, List<String>> addresses = Map.of();
    private Set<String> handedOver = Set.of();
    private Optional<Decision> decision;
    private Epoch epoch;
    private long ticks;
    private long observedNanos;
    private volatile long clipped;

    /** An image and whether its decision was released by the tick that made it. */
    public record Result(Image image, boolean released) {}

    /**
     * @param inbox where events come from
     * @param config the first configuration
     * @param term this process's term; its first decision is {@code term.1}
     * @param restored the decision last released by an earlier process: in force until something better is released, and
     *     its capacities stand until the source of declarations answers
     * @param announced prices that it may have released beside, stored
     * @param startNanos monotonic time of the start
     * @param wallMillis wall clock
     */
    public ControlLoop(
            Inbox inbox,
            Config config,
            long term,
            Optional<Decision> restored,
            List<Announcement> announced,
            long startNanos,
            LongSupplier wallMillis) {
        this.inbox = inbox;
        this.config = config;
        this.wanted = config;
        this.locations = new Locations(thread, restored);
        this.addresses = locations.of(config);
        this.wallMillis = wallMillis;
        this.observedNanos = startNanos;
        this.decision = restored;
        this.epoch = new Epoch(term, 0);
        this.hold = new ReleaseGuard(thread, startNanos, restored.isPresent());
        this.declarations = restored.map(ControlLoop::declarationsOf).orElseGet(() -> Declarations.none("none"));
        this.declared = restored.isPresent();
        this.prices = new AnnouncedPrices(thread, announced);
        this.calculator = calculatorFor(config, restored.map(Decision::proposal).orElse(null), announced);
    }

    /**
     * One turn of the loop at monotonic time {@code nowNanos}.
     *
     * @throws IllegalStateException on another thread than the first one that called it
     */
    public Result tick(long nowNanos) {
        thread.own();
        for (Event event : inbox.drain()) {
            apply(event);
        }
        clipped = loads.clipped() + sides.clipped();
        loads.expire(nowNanos);
        sides.expire(nowNanos);
        Observation observation = observe(nowNanos);
        Proposal proposal = calculator.tick(observation);
        prices.announced(proposal.announced());
        boolean released = proposal.release().released();
        long atMillis = wallMillis.getAsLong();
        if (released) {
            epoch = epoch.next();
            decision = Optional.of(new Decision(epoch, atMillis, observation, proposal));
            log.debug("released {}: {}", epoch, proposal.release());
        }
        Image image = new Image(
                ++ticks,
                atMillis,
                config,
                declarations,
                addresses,
                decision,
                proposal,
                limits(observation, proposal),
                handedOver);
        return new Result(image, released);
    }

    /** Load values clipped since the start because no sidecar can have them, as of the last tick. May be called on any thread. */
    public long clipped() {
        return clipped;
    }

    private void apply(Event event) {
        if (event instanceof Event.Configured configured) {
            wanted = configured.config();
            located();
            locations.retain(wanted, config); // not sooner: what is found of new hosts comes before their configuration
        } else if (event instanceof Event.Declared e) {
            declare(e.declarations());
        } else if (event instanceof Event.Resolved e) {
            locations.resolved(e);
            located();
        } else if (event instanceof Event.Connection e) {
            hold.connection(e.node(), e.connected());
            if (!e.connected()) {
                sides.disconnected(e.node());
            }
        } else if (event instanceof Event.SideConnected e) {
            sides.connected(e.node());
        } else if (event instanceof Event.Load e) {
            if (!sides.report(e.report())) {
                loads.report(e.report());
            }
        } else if (event instanceof Event.Records e) {
            e.records().forEach(records::add);
        } else if (event instanceof Event.Progress e) {
            e.attempts().forEach(flows::add);
        } else if (event instanceof Event.PriceStored e) {
            prices.stored(e.announcement());
        } else if (event instanceof Event.Paused e) {
            pauses.add(e);
        } else if (event instanceof Event.Checks e) {
            checks.add(e.byPool());
        } else if (event instanceof Event.HandedOver e) {
            handedOver = e.pools();
        }
    }

    private void located() {
        Config settled = locations.settled(wanted, config);
        if (!settled.equals(config)) {
            configure(settled);
        }
        addresses = locations.of(config);
    }

    private void configure(Config next) {
        boolean settingsChanged = !settings(next).equals(settings(config));
        config = next;
        records.retain(next.pools());
        flows.retainPools(next.pools().keySet());
        contrast.retainPools(next.pools().keySet());
        sides.retainProviders(next.providers().keySet());
        checks.retainPools(next.pools().keySet());
        pauses.retain(next.pools());
        retriesOwed.clear();
        if (settingsChanged) {
            calculator = calculatorFor(next, decision.map(Decision::proposal).orElse(null), prices.all());
        }
    }

    /** Takes declarations. A source that has confirmed nothing yet must not take away what an earlier process had confirmed. */
    private void declare(Declarations next) {
        boolean nothingConfirmed = next.confirmedAtMillis() <= 0;
        if (nothingConfirmed) {
            declarations = new Declarations(
                    declarations.byProvider().isEmpty() ? next.source() : declarations.source(),
                    declarations.byProvider(),
                    declarations.head(),
                    declarations.confirmedAtMillis(),
                    next.problem(),
                    next.remarks());
        } else {
            declarations = next;
            declared = true;
        }
    }

    private Observation observe(long nowNanos) {
        long age = loads.ageNanos(nowNanos);
        double dt = Math.max(0, nowNanos - observedNanos) / 1e9;
        observedNanos = nowNanos;
        handedOver.forEach(checks::forget);
        List<PoolInput> pools = new ArrayList<>();
        Set<String> used = new TreeSet<>();
        for (Pool pool : config.pools().values()) {
            List<Pool.Member> serving = pool.members().stream()
                    .filter(member -> serves(member.provider(), pool.name()))
                    .toList();
            Map<String, CompletionCounts.Counts> counts = new LinkedHashMap<>();
            serving.forEach(member -> counts.put(member.provider(), records.take(pool.name(), member.provider())));
            Map<String, Contrast.Verdict> verdicts = contrast.judge(pool.name(), counts, dt);
            Map<String, Integer> refusals = pauses.refusals(pool.name(), verdicts, nowNanos);
            List<MemberInput> members = new ArrayList<>();
            for (Pool.Member member : serving) {
                String provider = member.provider();
                members.add(member(
                        pool.name(),
                        member,
                        requireNonNull(counts.get(provider)),
                        requireNonNull(verdicts.get(provider)).proven(),
                        requireNonNull(refusals.get(provider)),
                        nowNanos));
                used.add(provider);
            }
            double work = records.workPerRequest(pool);
            pools.add(new PoolInput(
                    pool.name(),
                    checks.demand(pool.name(), members, nowNanos),
                    pool.minPrice(),
                    work,
                    prices.newest(pool.name(), serving)));
        }
        List<ProviderInput> providers = new ArrayList<>();
        for (String name : used) {
            Declaration declaration = declarations.byProvider().get(name);
            providers.add(
                    declaration != null && addresses.containsKey(name)
                            ? declared(declaration, age, drains(name))
                            : new ProviderInput(name, 0, 1, age));
        }
        return new Observation(
                nowNanos, hold.holds(nowNanos, loads, declared && locations.complete()), pools, providers);
    }

    /**
     * A provider's input. A declaration on chain binds; a figure of the configuration is a guess, which what is seen may
     * correct.
     */
    private ProviderInput declared(Declaration declaration, long age, boolean draining) {
        double claimed = declaration.countedRate();
        double most = declarations.binding() ? claimed : MAX_CAPACITY;
        return new ProviderInput(declaration.provider(), claimed, most, declaration.countedSlots(), age, 0, draining);
    }

    private boolean drains(String provider) {
        Provider configured = config.providers().get(provider);
        return configured != null && configured.drain();
    }

    private Map<String, SideLimits> limits(Observation observation, Proposal proposal) {
        if (observation.hold()) {
            return Map.of(); // gauges are still to come: without them every queue would look empty
        }
        Map<String, LimitRule.Terms> terms = new HashMap<>();
        Map<String, SideCounts> counts = new HashMap<>();
        config.providers()
                .forEach((name, provider) -> provider.proxy().ifPresent(side -> {
                    terms.put(
                            name,
                            new LimitRule.Terms(side.margin(), side.maxWait().toNanos() / 1e9));
                    counts.put(name, sides.counts(name, observation.nowNanos()));
                }));
        return LimitRule.limits(observation, proposal, terms, counts);
    }

    private Optional<Pool> pool(String name) {
        return Optional.ofNullable(config.pools().get(name));
    }

    private boolean serves(String provider, String pool) {
        Declaration declaration = declarations.byProvider().get(provider);
        return declaration == null
                || declaration.taskTypes().isEmpty()
                || declaration.taskTypes().contains(pool);
    }

    private MemberInput member(
            String pool, Pool.Member member, CompletionCounts.Counts counts, long proven, int refusal, long nowNanos) {
        String cluster = ClusterName.of(pool, member.provider());
        return new MemberInput(
                member.provider(),
                loads.inFlight(cluster),
                firstAttempts(cluster, counts.retries()),
                counts.completions(),
                counts.failures() + proven,
                member.standby(),
                refusal,
                counts.answerSeconds(),
                counts.answerSquares(),
                flows.take(pool, member.provider()),
                loads.unheard(cluster, nowNanos));
    }

    /**
     * First attempts: those issued less retries; a record may come before or after the report that counts it, so the rest is
     * owed.
     */
    private long firstAttempts(String cluster, long retries) {
        long owed = retriesOwed.getOrDefault(cluster, 0L) + retries;
        long issued = loads.takeIssued(cluster);
        long taken = Math.min(owed, issued);
        if (owed - taken > 0) {
            retriesOwed.put(cluster, Math.min(owed - taken, LoadState.GAUGE_LIMIT));
        } else {
            retriesOwed.remove(cluster);
        }
        return issued - taken;
    }

    private static Calculator calculatorFor(Config config, @Nullable Proposal inForce, List<Announcement> announced) {
        return new Calculator(settings(config), inForce, announced);
    }

    private static Settings settings(Config config) {
        Mesh mesh = config.mesh();
        return new Settings(
                mesh.control().tick().toNanos() / 1e9,
                mesh.control().policy() == Mesh.Policy.WRR ? Settings.Policy.WRR : Settings.Policy.WATER_FILLING,
                Settings.DEFAULTS.gateShare(),
                mesh.pricing().targetUtilisation(),
                mesh.pricing().timeConstant().toNanos() / 1e9,
                mesh.pricing().interval().toNanos() / 1e9);
    }

    private static Declarations declarationsOf(Decision decision) {
        Map<String, Declaration> byProvider = new HashMap<>();
        for (ProviderInput provider : decision.observation().providers()) {
            if (provider.declaredCapacity() > 0) {
                byProvider.put(
                        provider.id(),
                        new Declaration(
                                provider.id(),
                                provider.declaredCapacity(),
                                provider.slots(),
                                List.copyOf(poolsOf(decision.observation(), provider.id())),
                                Optional.empty(),
                                Optional.empty()));
            }
        }
        return new Declarations("restored", byProvider, Optional.empty(), decision.atMillis(), Optional.empty());
    }

    private static Set<String> poolsOf(Observation observation, String provider) {
        Set<String> pools = new HashSet<>();
        for (PoolInput pool : observation.pools()) {
            if (pool.member(provider).isPresent()) {
                pools.add(pool.id());
            }
        }
        return pools;
    }
}
