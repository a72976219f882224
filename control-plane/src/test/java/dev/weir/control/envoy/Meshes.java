package dev.weir.control.envoy;

import dev.weir.control.model.Admission;
import dev.weir.control.model.CapacitySource;
import dev.weir.control.model.Config;
import dev.weir.control.model.Consumers;
import dev.weir.control.model.Cors;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Epoch;
import dev.weir.control.model.Image;
import dev.weir.control.model.Mesh;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Pool.Member;
import dev.weir.control.model.Provider;
import dev.weir.control.model.Provider.Capacity;
import dev.weir.control.model.ProviderProxy;
import dev.weir.control.model.Retries;
import dev.weir.control.model.Store;
import dev.weir.control.model.Work;
import dev.weir.weights.Observation;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.weights.Proposal.ProviderState;
import dev.weir.weights.Proposal.Status;
import dev.weir.weights.bounce.SideLimits;
import dev.weir.xds.wire.ClusterName;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Configurations and decisions for tests. */
public final class Meshes {
    static final long BODY_LIMIT = 8 << 20;

    private Meshes() {}

    static Mesh mesh(Policy policy) {
        return mesh(policy, BODY_LIMIT);
    }

    static Mesh mesh(Policy policy, long bodyLimit) {
        return new Mesh(
                "test",
                new InetSocketAddress("127.0.0.1", 0),
                new InetSocketAddress("127.0.0.1", 0),
                new Store(Path.of("weir.db"), 0, Store.KEEP, Optional.empty(), Optional.empty()),
                policy,
                Duration.ofMillis(250),
                Duration.ofMillis(250),
                new CapacitySource.File(),
                bodyLimit,
                0.9,
                Duration.ofSeconds(40),
                Duration.ofSeconds(5),
                true,
                Optional.empty());
    }

    static Mesh withCors(Mesh mesh, Cors cors) {
        return new Mesh(
                mesh.name(),
                mesh.xdsListen(),
                mesh.adminListen(),
                mesh.store(),
                mesh.policy(),
                mesh.tick(),
                mesh.loadReportInterval(),
                mesh.capacity(),
                mesh.requestBodyLimit(),
                mesh.targetUtilisation(),
                mesh.priceTimeConstant(),
                mesh.priceInterval(),
                mesh.publicSignal(),
                Optional.of(cors));
    }

    static Mesh withConsumers(Mesh mesh, Consumers consumers) {
        return new Mesh(
                mesh.name(),
                mesh.xdsListen(),
                mesh.adminListen(),
                mesh.adminAccess(),
                mesh.xdsAccess(),
                mesh.store(),
                mesh.policy(),
                mesh.tick(),
                mesh.loadReportInterval(),
                mesh.capacity(),
                mesh.requestBodyLimit(),
                mesh.targetUtilisation(),
                mesh.priceTimeConstant(),
                mesh.priceInterval(),
                mesh.publicSignal(),
                mesh.cors(),
                consumers);
    }

    public static Provider provider(String name, int port) {
        return new Provider(
                name, name + ".test", port, Optional.empty(), Optional.empty(), Optional.of(new Capacity(10, 1)));
    }

    /** {@code provider} behind a sidecar that listens at {@code port} of the loopback. */
    public static Provider behind(int port, Provider provider) {
        return new Provider(
                provider.name(),
                provider.host(),
                provider.port(),
                provider.tls(),
                provider.credentials(),
                provider.declared(),
                Optional.of(new ProviderProxy("side.test", port, 0.5, Duration.ofSeconds(2))),
                provider.usage(),
                provider.chain());
    }

    /** The same behind one that proves to be {@code identity}. */
    public static Provider behind(int port, String identity, Provider provider) {
        return new Provider(
                provider.name(),
                provider.host(),
                provider.port(),
                provider.tls(),
                provider.credentials(),
                provider.declared(),
                Optional.of(
                        new ProviderProxy("side.test", port, 0.5, Duration.ofSeconds(2), Optional.of(identity), false)),
                provider.usage(),
                provider.chain());
    }

    /** {@code provider}, never asked for the usage of streams. */
    static Provider unasked(Provider provider) {
        return new Provider(
                provider.name(),
                provider.host(),
                provider.port(),
                provider.tls(),
                provider.credentials(),
                provider.declared(),
                provider.proxy(),
                Provider.Usage.NEVER,
                provider.chain());
    }

    public static Pool pool(String name, Match match, String... providers) {
        return new Pool(
                name,
                match,
                Arrays.stream(providers)
                        .map(each -> new Member(each, Optional.empty(), false))
                        .toList(),
                100,
                new Work.PerRequest(),
                Retries.of(1, match),
                Optional.empty(),
                Duration.ofSeconds(60),
                Duration.ofSeconds(600),
                Optional.empty(),
                new Admission.Mesh());
    }

    static Pool withMembers(Pool pool, List<Member> members) {
        return new Pool(
                pool.name(),
                pool.match(),
                members,
                pool.minPrice(),
                pool.work(),
                pool.retries(),
                pool.perTryTimeout(),
                pool.perTryIdleTimeout(),
                pool.maxStreamDuration(),
                pool.stickyHeader(),
                pool.admission(),
                pool.operations());
    }

    static Pool withRetries(Pool pool, int retries, Optional<Duration> perTryTimeout) {
        return new Pool(
                pool.name(),
                pool.match(),
                pool.members(),
                pool.minPrice(),
                pool.work(),
                new Retries(retries, pool.retries().conditions(), pool.retries().statuses()),
                perTryTimeout,
                pool.perTryIdleTimeout(),
                pool.maxStreamDuration(),
                pool.stickyHeader(),
                pool.admission(),
                pool.operations());
    }

    static Pool withRetries(Pool pool, Retries retries) {
        return new Pool(
                pool.name(),
                pool.match(),
                pool.members(),
                pool.minPrice(),
                pool.work(),
                retries,
                pool.perTryTimeout(),
                pool.perTryIdleTimeout(),
                pool.maxStreamDuration(),
                pool.stickyHeader(),
                pool.admission());
    }

    static Pool withSticky(Pool pool, String header) {
        return new Pool(
                pool.name(),
                pool.match(),
                pool.members(),
                pool.minPrice(),
                pool.work(),
                pool.retries(),
                pool.perTryTimeout(),
                pool.perTryIdleTimeout(),
                pool.maxStreamDuration(),
                Optional.of(header),
                pool.admission(),
                pool.operations());
    }

    /** @param operations each {@code METHOD /path} */
    static Pool withOperations(Pool pool, String... operations) {
        return new Pool(
                pool.name(),
                pool.match(),
                pool.members(),
                pool.minPrice(),
                pool.work(),
                pool.retries(),
                pool.perTryTimeout(),
                pool.perTryIdleTimeout(),
                pool.maxStreamDuration(),
                pool.stickyHeader(),
                pool.admission(),
                Arrays.stream(operations)
                        .map(each -> each.split(" ", 2))
                        .map(each -> new Pool.Operation(each[0], each[1]))
                        .toList());
    }

    public static Config config(Policy policy, List<Provider> providers, Pool... pools) {
        Map<String, Provider> byName = new TreeMap<>();
        providers.forEach(provider -> byName.put(provider.name(), provider));
        Map<String, Pool> poolsByName = new TreeMap<>();
        for (Pool pool : pools) {
            poolsByName.put(pool.name(), pool);
        }
        return new Config(mesh(policy), byName, poolsByName);
    }

    /** A pool's decided weights in the order of its members, price 250 number 7, congestion 42. */
    public static PoolProposal decided(Pool pool, int... weights) {
        List<Proposal.Member> members = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            members.add(new Proposal.Member(pool.members().get(i).provider(), weights[i], 250 + i));
        }
        return new PoolProposal(pool.name(), members, 5, 0.42, 42, 0.1, 250, 7, 0.9);
    }

    public static Decision decision(long sequence, PoolProposal... pools) {
        Set<String> names = new TreeSet<>();
        for (PoolProposal pool : pools) {
            pool.members().forEach(member -> names.add(member.provider()));
        }
        List<ProviderState> states = names.stream()
                .map(name -> new ProviderState(name, Status.ACTIVE, 10, 10, 1, 0, -1, 1, "test"))
                .toList();
        Proposal proposal =
                new Proposal(List.of(pools), states, new Proposal.Release(true, Set.of(Proposal.Cause.FIRST), 0));
        return new Decision(
                new Epoch(1, sequence), 1_700_000_000_000L, new Observation(0, false, List.of(), List.of()), proposal);
    }

    /** Every provider resolves to the loopback. */
    public static Image image(long tick, Config config, Decision decision) {
        Map<String, List<String>> addresses = new TreeMap<>();
        config.providers().keySet().forEach(name -> {
            addresses.put(name, List.of("127.0.0.1"));
            addresses.put(ClusterName.firstAttempts(name), List.of("127.0.0.1"));
        });
        return image(tick, config, decision, addresses);
    }

    public static Image image(long tick, Config config, Decision decision, Map<String, List<String>> addresses) {
        return image(tick, config, decision, addresses, Map.of());
    }

    public static Image image(
            long tick,
            Config config,
            Decision decision,
            Map<String, List<String>> addresses,
            Map<String, SideLimits> limits) {
        return image(tick, config, decision, addresses, limits, Set.of());
    }

    public static Image image(
            long tick,
            Config config,
            Decision decision,
            Map<String, List<String>> addresses,
            Map<String, SideLimits> limits,
            Set<String> handedOver) {
        return new Image(
                tick,
                1_700_000_000_000L + tick * 250,
                config,
                new Declarations("file", Map.of(), Optional.empty(), 0, Optional.empty()),
                addresses,
                Optional.of(decision),
                decision.proposal(),
                limits,
                handedOver);
    }
}
