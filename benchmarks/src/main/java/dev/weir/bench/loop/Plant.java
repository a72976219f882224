package dev.weir.bench.loop;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What stands still while policies change: providers, pools, sidecars.
 *
 * @param servers the providers
 * @param pools the pools, each with the names of its providers
 * @param sidecars Envoys that calls go through by turns
 * @param perTryTimeoutMillis after which an attempt is tried again elsewhere
 */
record Plant(List<Server> servers, List<Pool> pools, int sidecars, Optional<Integer> perTryTimeoutMillis) {
    /** @param name also the model that calls ask for */
    record Pool(String name, List<String> providers) {}

    /** Position of the largest provider. */
    static final int LARGEST = 4;

    Plant {
        servers = List.copyOf(servers);
        pools = List.copyOf(pools);
    }

    /** Five unequal providers, 415 jobs a second, the largest nine times the smallest; one pool over all. */
    static Plant five(int sidecars) {
        List<Server> servers = List.of(
                new Server("p20", 1, 0.050, 1),
                new Server("p40", 2, 0.050, 1),
                new Server("p80", 4, 0.050, 1),
                new Server("p100", 4, 0.040, 1),
                new Server("p175", 7, 0.040, 1));
        return new Plant(
                servers,
                List.of(new Pool("all", servers.stream().map(Server::name).toList())),
                sidecars,
                Optional.empty());
    }

    Plant withServers(UnaryOperator<Server> change) {
        return new Plant(servers.stream().map(change).toList(), pools, sidecars, perTryTimeoutMillis);
    }

    Plant withPools(List<Pool> other) {
        return new Plant(servers, other, sidecars, perTryTimeoutMillis);
    }

    Plant withPerTryTimeout(int millis) {
        return new Plant(servers, pools, sidecars, Optional.of(millis));
    }

    /** Jobs of size 1 per second of all. */
    double capacity() {
        return servers.stream().mapToDouble(Server::capacity).sum();
    }

    /** Positions in {@link #servers} of a pool's providers. */
    List<Integer> members(int pool) {
        List<String> names = servers.stream().map(Server::name).toList();
        return pools.get(pool).providers().stream().map(names::indexOf).toList();
    }
}
