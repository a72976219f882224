package dev.weir.sim.policy;

import dev.weir.sim.engine.World;

/**
 * Envoy's LEAST_REQUEST with unequal weights: the earliest-deadline scheduler with weights {@code mu / (active + 1)}, where
 * {@code active} is this sidecar's own count at the moment a member is scheduled again (active request bias 1).
 */
public final class WeightedLeastRequest extends LocalCounts {
    private final double[][][] deadlines;

    public WeightedLeastRequest(World world) {
        super(world);
        int pools = members.providers.length;
        deadlines = new double[world.scenario().sidecars()][pools][];
        for (double[][] sidecar : deadlines) {
            for (int p = 0; p < pools; p++) {
                int[] providers = members.providers[p];
                sidecar[p] = new double[providers.length];
                for (int i = 0; i < providers.length; i++) {
                    sidecar[p][i] = world.random().nextDouble() / capacity(providers[i]);
                }
            }
        }
    }

    @Override
    public int pick(int pool, int sidecar) {
        double[] due = deadlines[sidecar][pool];
        int best = 0;
        for (int i = 1; i < due.length; i++) {
            if (due[i] < due[best]) {
                best = i;
            }
        }
        int provider = members.providers[pool][best];
        due[best] += (active(sidecar, members.firstCell(pool) + best) + 1) / capacity(provider);
        return provider;
    }

    private double capacity(int provider) {
        return Math.max(1e-9, world.scenario().providers().get(provider).declaredCapacity());
    }
}
