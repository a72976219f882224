package dev.weir.sim;

import dev.weir.sim.Scenario.Pool;
import dev.weir.sim.Scenario.Provider;
import dev.weir.sim.Scenario.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Scenarios that experiments share. */
public final class Meshes {
    private Meshes() {}

    /**
     * Five unequal providers, 415 requests per second in all, one pool, exponential sizes: slots x mean service 1x50, 2x50,
     * 4x50, 4x40, 7x40 ms.
     */
    public static Scenario five(double load, int sidecars) {
        return five(load, sidecars, 1);
    }

    /** @param longer factor on all service times */
    public static Scenario five(double load, int sidecars, double longer) {
        List<Provider> providers = List.of(
                Provider.honest("p1", 1, 0.050 * longer),
                Provider.honest("p2", 2, 0.050 * longer),
                Provider.honest("p3", 4, 0.050 * longer),
                Provider.honest("p4", 4, 0.040 * longer),
                Provider.honest("p5", 7, 0.040 * longer));
        return onePool("five", providers, load, sidecars);
    }

    /** Ten providers with 2, 2, 4, 4, 8, 8, 16, 16, 32, 32 slots and one mean service time. */
    public static Scenario ten(double load, int sidecars, double serviceSeconds) {
        List<Provider> providers = new ArrayList<>();
        for (int k = 0; k < 10; k++) {
            providers.add(Provider.honest("p" + (k + 1), 2 << (k / 2), serviceSeconds));
        }
        return onePool("ten", providers, load, sidecars);
    }

    /** One pool over all providers at a share of their true capacity. */
    public static Scenario onePool(String name, List<Provider> providers, double load, int sidecars) {
        double capacity = providers.stream().mapToDouble(Provider::capacity).sum();
        List<Integer> all = IntStream.range(0, providers.size()).boxed().toList();
        Pool pool = new Pool("all", all, load * capacity, Arrivals.POISSON);
        return new Scenario(name, providers, List.of(pool), sidecars, Law.EXPONENTIAL, Transport.PLAIN, List.of());
    }
}
