package dev.weir.sim.policy;

import dev.weir.sim.engine.World;

/**
 * Power of two choices: of two members drawn at random (the same one twice, at times), the one where this sidecar has fewer requests. Envoy's
 * LEAST_REQUEST with equal weights; gRPC's and many meshes' default.
 */
public final class TwoChoices extends LocalCounts {
    public TwoChoices(World world) {
        super(world);
    }

    @Override
    public int pick(int pool, int sidecar) {
        int[] providers = members.providers[pool];
        int a = world.random().nextInt(providers.length);
        int b = world.random().nextInt(providers.length);
        int first = members.firstCell(pool);
        return active(sidecar, first + b) < active(sidecar, first + a) ? providers[b] : providers[a];
    }
}
