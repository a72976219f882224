package dev.weir.sim.policy;

import dev.weir.sim.Scenario;
import dev.weir.sim.engine.Policy;
import dev.weir.sim.engine.World;
import dev.weir.weights.pick.LeastWait;

/**
 * One queue for all: a request waits at the picker until a provider has fewer than {@code s + overCommit} and then goes to
 * the one with the least expected wait. With exact knowledge and nothing committed in advance this is the bound that no
 * queue per provider reaches when sizes are heavy-tailed; one request in advance hides the time that news needs.
 */
public final class PooledQueue implements Policy {
    private final World world;
    private final Members members;
    private final double newsSeconds;
    private final LeastWait choice;

    /**
     * @param newsSeconds from an end to its being known
     * @param overCommit requests sent to a provider beyond its slots
     */
    public PooledQueue(World world, double newsSeconds, int overCommit) {
        this.world = world;
        this.newsSeconds = newsSeconds;
        Scenario scenario = world.scenario();
        this.members = new Members(scenario);
        this.choice = new LeastWait(scenario.providers().size());
        for (int k = 0; k < scenario.providers().size(); k++) {
            Scenario.Provider provider = scenario.providers().get(k);
            choice.setState(k, provider.slots(), provider.slots(), provider.capacity(), 1, overCommit, true);
        }
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
        int[] all = members.providers[pool];
        choice.chooseWithRoom(all, all.length, failed);
        return choice.first() == LeastWait.NONE ? HOLD : choice.first();
    }

    @Override
    public void sent(int pool, int sidecar, int provider, boolean first) {
        choice.grant(provider);
    }

    @Override
    public void ended(int pool, int sidecar, int provider, End end, double seconds) {
        world.wakeIn(newsSeconds, provider);
    }

    @Override
    public void wake(int provider) {
        choice.end(provider);
        int oldest = -1;
        for (int p = 0; p < members.providers.length; p++) {
            boolean serves = members.serves(p, provider);
            if (serves && world.held(p) > 0 && (oldest < 0 || world.oldestHeld(p) < world.oldestHeld(oldest))) {
                oldest = p;
            }
        }
        if (oldest >= 0 && choice.hasRoom(provider)) {
            world.release(oldest, provider);
        }
    }
}
