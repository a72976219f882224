package dev.weir.control.admin;

import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Declarations.Block;
import dev.weir.control.model.Declarations.Declaration;
import dev.weir.control.model.Epoch;
import dev.weir.control.model.Image;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Provider;
import dev.weir.weights.Calculator;
import dev.weir.weights.Observation;
import dev.weir.weights.Observation.MemberInput;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Observation.ProviderInput;
import dev.weir.weights.Proposal;
import dev.weir.weights.Settings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleBiFunction;

/**
 * A mesh for tests and for looking at the page: the real calculator over queues that flow like water (each provider serves
 * its backlog at its rate, without randomness). Time is its own, 250 ms per {@link #step}.
 */
final class FluidMesh {
    static final long STEP_MILLIS = 250;

    private final Config config;
    private final long startMillis;
    private final ToDoubleBiFunction<String, Double> demand;
    private final ToDoubleBiFunction<String, Double> health;
    private final Calculator calculator;
    private final Map<String, Double> inFlight = new HashMap<>();
    private final Map<String, Double> fraction = new HashMap<>();
    private final Map<String, Integer> weights = new HashMap<>();
    private Optional<Decision> decision = Optional.empty();
    private Optional<Decision> before = Optional.empty();
    private Epoch epoch = new Epoch(3, 0);
    private long steps;

    /**
     * @param demand offered requests per second of a pool at a time in seconds
     * @param health what a provider is able to do of its declared capacity, at a time in seconds
     */
    FluidMesh(
            Config config,
            long startMillis,
            ToDoubleBiFunction<String, Double> demand,
            ToDoubleBiFunction<String, Double> health) {
        this.config = config;
        this.startMillis = startMillis;
        this.demand = demand;
        this.health = health;
        this.calculator = new Calculator(Settings.DEFAULTS, null);
    }

    /** The next 250 ms. */
    Image step() {
        double now = steps * STEP_MILLIS / 1000.0;
        List<PoolInput> pools = new ArrayList<>();
        for (Pool pool : config.pools().values()) {
            List<MemberInput> members = new ArrayList<>();
            for (Pool.Member member : pool.members()) {
                members.add(member(pool, member, now));
            }
            pools.add(new PoolInput(pool.name(), members, pool.minPrice(), 1));
        }
        List<ProviderInput> providers = new ArrayList<>();
        for (Provider provider : config.providers().values()) {
            Provider.Capacity declared = provider.declared().orElseThrow();
            providers.add(new ProviderInput(
                    provider.name(), declared.workUnitsPerSecond(), declared.slots(), STEP_MILLIS * 400_000));
        }
        Observation observation = new Observation(++steps * STEP_MILLIS * 1_000_000, false, pools, providers);
        Proposal proposal = calculator.tick(observation);
        long atMillis = startMillis + steps * STEP_MILLIS;
        if (proposal.release().released()) {
            epoch = epoch.next();
            before = decision;
            decision = Optional.of(new Decision(epoch, atMillis, observation, proposal));
            proposal.pools()
                    .forEach(p -> p.members().forEach(m -> weights.put(p.id() + "|" + m.provider(), m.weight())));
        }
        return new Image(
                steps, atMillis, config, declarations(atMillis), addresses(), decision, proposal, Map.of(), Set.of());
    }

    Optional<Decision> decision() {
        return decision;
    }

    /** The decision before the one in force. */
    Optional<Decision> before() {
        return before;
    }

    /** Seconds that a request that comes now waits and is served at {@code provider}. */
    double latency(String provider) {
        Provider found = config.providers().get(provider);
        Provider.Capacity declared =
                java.util.Objects.requireNonNull(found).declared().orElseThrow();
        double rate = declared.workUnitsPerSecond() * health.applyAsDouble(provider, steps * STEP_MILLIS / 1000.0);
        double all = config.pools().keySet().stream()
                .mapToDouble(pool -> inFlight.getOrDefault(pool + "|" + provider, 0.0))
                .sum();
        return (Math.max(0, all - declared.slots()) + declared.slots()) / Math.max(0.1, rate);
    }

    private MemberInput member(Pool pool, Pool.Member member, double now) {
        String key = pool.name() + "|" + member.provider();
        double seconds = STEP_MILLIS / 1000.0;
        double offered = demand.applyAsDouble(pool.name(), now)
                * seconds
                * weights.getOrDefault(key, 1_000_000 / pool.members().size())
                / 1e6;
        Provider provider = java.util.Objects.requireNonNull(config.providers().get(member.provider()));
        Provider.Capacity declared = provider.declared().orElseThrow();
        double present = inFlight.getOrDefault(key, 0.0) + offered;
        double all = Math.max(
                1e-9,
                config.pools().keySet().stream()
                        .mapToDouble(p -> inFlight.getOrDefault(p + "|" + member.provider(), 0.0))
                        .sum());
        double rate = declared.workUnitsPerSecond() * health.applyAsDouble(member.provider(), now);
        double share = Math.max(0.1, inFlight.getOrDefault(key, 0.0) / all);
        double served = Math.min(present, rate * seconds * share * Math.min(1, (all + 0.5) / declared.slots()));
        inFlight.put(key, present - served);
        return new MemberInput(
                member.provider(),
                Math.round(present - served),
                whole(key + "+", offered),
                whole(key + "-", served),
                0,
                member.standby());
    }

    private long whole(String key, double amount) {
        double sum = fraction.getOrDefault(key, 0.0) + amount;
        fraction.put(key, sum - Math.floor(sum));
        return (long) Math.floor(sum);
    }

    private Declarations declarations(long atMillis) {
        Block block = new Block(1200 + steps / 4, "0x" + "ab".repeat(32));
        Map<String, Declaration> byProvider = new HashMap<>();
        config.providers()
                .forEach((name, provider) -> provider.declared()
                        .ifPresent(declared -> byProvider.put(
                                name,
                                new Declaration(
                                        name,
                                        declared.workUnitsPerSecond(),
                                        declared.slots(),
                                        List.of(),
                                        Optional.of("1000000"),
                                        Optional.of(60.0),
                                        Optional.of(new Block(1198, block.hash()))))));
        return new Declarations(
                "chain", byProvider, Optional.of(block), atMillis - 400, Optional.empty(), Map.of("a", "too little"));
    }

    private Map<String, List<String>> addresses() {
        Map<String, List<String>> addresses = new HashMap<>();
        config.providers().keySet().forEach(name -> addresses.put(name, List.of("10.0.0.7")));
        return addresses;
    }
}
