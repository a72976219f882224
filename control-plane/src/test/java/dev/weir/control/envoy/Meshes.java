package dev.weir.control.envoy;

import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Epoch;
import dev.weir.control.model.Image;
import dev.weir.control.model.Mesh;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Provider;
import dev.weir.control.model.ProviderProxy;
import dev.weir.control.testing.MeshMaker;
import dev.weir.control.testing.PoolMaker;
import dev.weir.control.testing.ProviderMaker;
import dev.weir.weights.Observation;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.weights.Proposal.ProviderState;
import dev.weir.weights.Proposal.Status;
import dev.weir.weights.bounce.SideLimits;
import dev.weir.xds.wire.ClusterName;
import java.time.Duration;
import java.util.ArrayList;
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
        return MeshMaker.mesh("test").policy(policy).requestBodyLimit(bodyLimit).make();
    }

    public static Provider provider(String name, int port) {
        return ProviderMaker.provider(name, name + ".test", port)
                .declared(10, 1)
                .make();
    }

    /** {@code provider} behind a sidecar that listens at {@code port} of the loopback. */
    public static Provider behind(int port, Provider provider) {
        return ProviderMaker.like(provider).behind("side.test", port).make();
    }

    /** The same behind one that proves to be {@code identity}. */
    public static Provider behind(int port, String identity, Provider provider) {
        return ProviderMaker.like(provider)
                .behind(new ProviderProxy("side.test", port, 0.5, Duration.ofSeconds(2), Optional.of(identity), false))
                .make();
    }

    public static Pool pool(String name, Match match, String... providers) {
        return PoolMaker.pool(name, match, providers).make();
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
