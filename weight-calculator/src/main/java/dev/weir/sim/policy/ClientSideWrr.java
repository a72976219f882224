package dev.weir.sim.policy;

import dev.weir.sim.engine.World;

/**
 * Client-side weighted round robin as gRFC A58 describes it: each answer carries the server's queries per second and
 * utilisation, a sidecar weighs a server by {@code qps / utilisation}, and draws by an earliest-deadline scheduler that is
 * built anew every {@link #UPDATE_SECONDS}. A server that has not answered yet gets the mean of the others. The blackout
 * period is off: it would only lengthen the first seconds of equal weights.
 */
public final class ClientSideWrr extends LocalCounts {
    /** Weight update period. */
    public static final double UPDATE_SECONDS = 1;

    private static final double METER_SECONDS = 1;

    private final double[] qps;
    private final double[] busy;
    private final double[] samples;
    private final double[] lastEnd;
    private final double[][] weight;
    private final Edf[][] draws;

    public ClientSideWrr(World world) {
        super(world);
        int n = world.scenario().providers().size();
        int sidecars = world.scenario().sidecars();
        qps = new double[n];
        busy = new double[n];
        samples = new double[n];
        lastEnd = new double[n];
        weight = new double[sidecars][n];
        draws = new Edf[sidecars][members.providers.length];
        for (int s = 0; s < sidecars; s++) {
            for (int p = 0; p < members.providers.length; p++) {
                draws[s][p] = new Edf(world.random());
            }
            update(s);
        }
    }

    @Override
    public void start() {
        for (int s = 0; s < draws.length; s++) {
            world.wakeIn(UPDATE_SECONDS * world.random().nextDouble(), s);
        }
    }

    @Override
    public void wake(int sidecar) {
        update(sidecar);
        world.wakeIn(UPDATE_SECONDS, sidecar);
    }

    @Override
    public int pick(int pool, int sidecar) {
        return members.providers[pool][draws[sidecar][pool].next()];
    }

    @Override
    public void ended(int pool, int sidecar, int provider, End end, double seconds) {
        super.ended(pool, sidecar, provider, end, seconds);
        if (end != End.OK) {
            return;
        }
        // the server's own meters: averages over METER_SECONDS, fed by every answer whoever asked
        double now = world.now();
        double kept = Math.exp((lastEnd[provider] - now) / METER_SECONDS);
        lastEnd[provider] = now;
        int slots = world.scenario().providers().get(provider).slots();
        qps[provider] = qps[provider] * kept + 1 / METER_SECONDS;
        busy[provider] = busy[provider] * kept + Math.min(1, (world.inFlight(provider) + 1.0) / slots);
        samples[provider] = samples[provider] * kept + 1;
        weight[sidecar][provider] = qps[provider] / (busy[provider] / samples[provider]);
    }

    private void update(int sidecar) {
        for (int p = 0; p < members.providers.length; p++) {
            int[] providers = members.providers[p];
            double sum = 0;
            int known = 0;
            for (int k : providers) {
                if (usable(sidecar, k)) {
                    sum += weight[sidecar][k];
                    known++;
                }
            }
            double mean = known > 0 ? sum / known : 1;
            double scale = 1_000_000 / Math.max(1e-9, mean * providers.length);
            int[] weights = new int[providers.length];
            for (int i = 0; i < weights.length; i++) {
                double own = known >= 2 && usable(sidecar, providers[i]) ? weight[sidecar][providers[i]] : mean;
                weights[i] = (int) Math.max(1, Math.round(own * scale));
            }
            draws[sidecar][p].weights(weights);
        }
    }

    private boolean usable(int sidecar, int provider) {
        return weight[sidecar][provider] > 0;
    }
}
