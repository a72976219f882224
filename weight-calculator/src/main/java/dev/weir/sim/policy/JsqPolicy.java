package dev.weir.sim.policy;

import dev.weir.sim.Scenario;
import dev.weir.sim.engine.Policy;
import dev.weir.sim.engine.World;

/**
 * Clairvoyant join-the-shortest-queue, the bound that others are measured against: the provider with the least expected
 * wait {@code (N + 1 - s) / mu}, from exact state at the moment of the request. Free slots count as negative waits, so
 * among several that are free the emptiest is taken.
 */
public final class JsqPolicy implements Policy {
    private final World world;
    private final Members members;
    private final int[] slots;
    private final double[] capacity;

    public JsqPolicy(World world) {
        this.world = world;
        this.members = new Members(world.scenario());
        this.slots = world.scenario().providers().stream()
                .mapToInt(Scenario.Provider::slots)
                .toArray();
        this.capacity = world.scenario().providers().stream()
                .mapToDouble(Scenario.Provider::capacity)
                .toArray();
    }

    @Override
    public int pick(int pool, int sidecar) {
        return pickAgain(pool, sidecar, -1);
    }

    @Override
    public int pickAgain(int pool, int sidecar, int failed) {
        int best = failed;
        double least = Double.POSITIVE_INFINITY;
        for (int k : members.providers[pool]) {
            double wait = (world.inFlight(k) + 1 - slots[k]) / capacity[k];
            if (wait < least && k != failed) {
                least = wait;
                best = k;
            }
        }
        return best;
    }
}
