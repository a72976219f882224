package dev.weir.sim.policy;

import dev.weir.sim.engine.Policy;
import dev.weir.sim.engine.World;

/** A policy of sidecars that know only their own requests: the counts that such policies share. */
abstract class LocalCounts implements Policy {
    final World world;
    final Members members;
    private final int cells;
    private final int[] active;

    LocalCounts(World world) {
        this.world = world;
        this.members = new Members(world.scenario());
        this.cells = members.cells();
        this.active = new int[world.scenario().sidecars() * cells];
    }

    /** This sidecar's requests at a member. */
    final int active(int sidecar, int cell) {
        return active[sidecar * cells + cell];
    }

    @Override
    public int pickAgain(int pool, int sidecar, int failed) {
        int provider = failed;
        for (int tries = 0; tries < 8 && provider == failed; tries++) {
            provider = pick(pool, sidecar);
        }
        return provider;
    }

    @Override
    public void sent(int pool, int sidecar, int provider, boolean first) {
        active[sidecar * cells + members.cell(pool, provider)]++;
    }

    @Override
    public void ended(int pool, int sidecar, int provider, End end, double seconds) {
        active[sidecar * cells + members.cell(pool, provider)]--;
    }
}
