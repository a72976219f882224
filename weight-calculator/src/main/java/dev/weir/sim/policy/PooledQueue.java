package dev.weir.sim.policy;

import dev.weir.sim.Scenario;
import dev.weir.sim.engine.Policy;
import dev.weir.sim.engine.World;

/**
 * One queue for all: a request waits at the picker until a provider has fewer than {@code s + overCommit} and then goes to
 * the one with the least expected wait. With exact knowledge and nothing committed in advance this is the bound that no
 * queue per provider reaches when sizes are heavy-tailed; one request in advance hides the time that news needs.
 */
public final class PooledQueue implements Policy {
    private final World world;
    private final Members members;
    private final double newsSeconds;
    private final int[] room;
    private final double[] capacity;
    private final int[] granted;

    /**
     * @param newsSeconds from an end to its being known
     * @param overCommit requests sent to a provider beyond its slots
     */
    public PooledQueue(World world, double newsSeconds, int overCommit) {
        this.world = world;
        this.newsSeconds = newsSeconds;
        Scenario scenario = world.scenario();
        this.members = new Members(scenario);
        this.room = scenario.providers().stream()
                .mapToInt(p -> p.slots() + overCommit)
                .toArray();
        this.capacity = scenario.providers().stream()
                .mapToDouble(Scenario.Provider::capacity)
                .toArray();
        this.granted = new int[room.length];
    }

    @Override
    public int pick(int pool, int sidecar) {
        return world.held(pool) > 0 ? HOLD : best(pool, -1);
    }

    @Override
    public int pickAgain(int pool, int sidecar, int failed) {
        int provider = best(pool, failed);
        return provider == HOLD ? members.providers[pool][0] : provider;
    }

    private int best(int pool, int failed) {
        int best = HOLD;
        double least = Double.POSITIVE_INFINITY;
        for (int k : members.providers[pool]) {
            double expected = (granted[k] + 1 - room[k]) / capacity[k];
            if (granted[k] < room[k] && k != failed && expected < least) {
                least = expected;
                best = k;
            }
        }
        return best;
    }

    @Override
    public void sent(int pool, int sidecar, int provider, boolean first) {
        granted[provider]++;
    }

    @Override
    public void ended(int pool, int sidecar, int provider, End end, double seconds) {
        world.wakeIn(newsSeconds, provider);
    }

    @Override
    public void wake(int provider) {
        granted[provider]--;
        int oldest = -1;
        for (int p = 0; p < members.providers.length; p++) {
            boolean serves = members.serves(p, provider);
            if (serves && world.held(p) > 0 && (oldest < 0 || world.oldestHeld(p) < world.oldestHeld(oldest))) {
                oldest = p;
            }
        }
        if (oldest >= 0 && granted[provider] < room[provider]) {
            world.release(oldest, provider);
        }
    }
}
