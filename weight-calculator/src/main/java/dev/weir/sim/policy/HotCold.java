package dev.weir.sim.policy;

import dev.weir.sim.engine.World;
import java.util.Arrays;

/**
 * A hot/cold rule after Prequal, re-implemented from its paper: each request probes {@link #PROBES} members at random for
 * requests in flight and for the latency it had with so many; answers wait in a pool of {@link #POOL} per sidecar. A probed server is hot when its
 * requests in flight exceed the {@link #HOT_QUANTILE} quantile of those in the pool. The choice is the cold one with the
 * least latency, or, if all are hot, the one with the fewest requests. A probe is used at most {@link #USES} times, counts
 * one more request after each use, and expires after {@link #AGE_SECONDS}.
 */
public final class HotCold extends LocalCounts {
    public static final int PROBES = 3;
    public static final int POOL = 16;
    public static final double HOT_QUANTILE = 0.84;
    public static final int USES = 3;
    public static final double AGE_SECONDS = 1;

    private static final double LATENCY_GAIN = 0.1;
    private static final int MAX = 256;

    /** by provider and requests in flight: latency of late with so many; 0 = not seen */
    private final double[][] latency;

    private final Probes[][] probes;

    public HotCold(World world) {
        super(world);
        this.latency = new double[world.scenario().providers().size()][MAX];
        this.probes = new Probes[world.scenario().sidecars()][members.providers.length];
        for (Probes[] ofSidecar : probes) {
            for (int p = 0; p < ofSidecar.length; p++) {
                ofSidecar[p] = new Probes();
            }
        }
    }

    @Override
    public int pick(int pool, int sidecar) {
        int[] providers = members.providers[pool];
        Probes known = probes[sidecar][pool];
        known.expire(world.now());
        for (int i = 0; i < PROBES; i++) {
            int provider = providers[world.random().nextInt(providers.length)];
            int inFlight = Math.min(MAX - 1, world.inFlight(provider));
            known.add(provider, inFlight, expected(provider, inFlight), world.now());
        }
        return known.choose();
    }

    @Override
    public void ended(int pool, int sidecar, int provider, End end, double seconds) {
        super.ended(pool, sidecar, provider, end, seconds);
        // as many are left behind as were found, in the mean: what is known here without a mark on each request
        int inFlight = Math.min(MAX - 1, world.inFlight(provider));
        double old = latency[provider][inFlight];
        latency[provider][inFlight] = old == 0 ? seconds : old + LATENCY_GAIN * (seconds - old);
    }

    /** Latency with that many in flight, or with the most below it that was seen, stretched in proportion. */
    private double expected(int provider, int inFlight) {
        for (int n = inFlight; n >= 0; n--) {
            if (latency[provider][n] > 0) {
                return latency[provider][n] * (inFlight + 1) / (n + 1);
            }
        }
        return world.scenario().providers().get(provider).serviceSeconds();
    }

    /** The probe answers of one sidecar and pool, oldest first. */
    private static final class Probes {
        private final int[] provider = new int[POOL];
        private final int[] inFlight = new int[POOL];
        private final double[] latency = new double[POOL];
        private final double[] at = new double[POOL];
        private final int[] uses = new int[POOL];
        private final int[] sorted = new int[POOL];
        private int size;

        void expire(double now) {
            while (size > 0 && at[0] < now - AGE_SECONDS) {
                remove(0);
            }
        }

        void add(int of, int requests, double seconds, double now) {
            if (size == POOL) {
                remove(0);
            }
            provider[size] = of;
            inFlight[size] = requests;
            latency[size] = seconds;
            at[size] = now;
            uses[size++] = 0;
        }

        int choose() {
            System.arraycopy(inFlight, 0, sorted, 0, size);
            Arrays.sort(sorted, 0, size);
            int hot = sorted[Math.min(size - 1, (int) (HOT_QUANTILE * size))];
            int best = -1;
            int fewest = 0;
            for (int i = 0; i < size; i++) {
                if (inFlight[i] <= hot && (best < 0 || latency[i] < latency[best])) {
                    best = i;
                }
                if (inFlight[i] < inFlight[fewest]) {
                    fewest = i;
                }
            }
            int chosen = best >= 0 ? best : fewest;
            int of = provider[chosen];
            inFlight[chosen]++;
            if (++uses[chosen] >= USES) {
                remove(chosen);
            }
            return of;
        }

        private void remove(int index) {
            size--;
            for (int i = index; i < size; i++) {
                provider[i] = provider[i + 1];
                inFlight[i] = inFlight[i + 1];
                latency[i] = latency[i + 1];
                at[i] = at[i + 1];
                uses[i] = uses[i + 1];
            }
        }
    }
}
