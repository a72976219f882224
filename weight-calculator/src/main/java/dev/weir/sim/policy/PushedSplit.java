package dev.weir.sim.policy;

import dev.weir.sim.engine.Policy;
import dev.weir.sim.engine.World;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A split made by the control plane and drawn by each sidecar: mesh mode.
 *
 * <p>Until the first push arrives, members are drawn with equal weights. A second attempt is drawn by weight among the
 * other members.
 */
public final class PushedSplit implements Policy {
    private static final int LIMITS = Control.CODES;
    private static final int FIRST_SIDECAR = Control.CODES + 1;
    private static final int VERSIONS = 1024;

    private final World world;
    private final Members members;
    private final Control control;
    private final Delay pushDelay;
    private final @Nullable Bounce bounce;
    private final Draw[][] draws;
    private final int[][][] versions = new int[VERSIONS][][];
    private final int[][][] inForce;
    private final int[] latest;
    private final double[][] limits = new double[VERSIONS][];
    private final SplittableRandom random;
    private int version;
    private int limitVersion;
    private int nextLimits;

    /**
     * From a push to its effect at a sidecar: uniform between the two, seconds.
     *
     * @param least shortest
     * @param most longest
     */
    public record Delay(double least, double most) {
        /** One sidecar on an idle machine. */
        public static final Delay SHORT = new Delay(0.001, 0.005);

        /** A fleet. */
        public static final Delay FLEET = new Delay(0.01, 0.05);

        double draw(SplittableRandom random) {
            return least + (most - least) * random.nextDouble();
        }
    }

    /**
     * @param rule makes the split
     * @param draw how sidecars draw from it
     * @param tickSeconds T
     * @param telemetry how reports come
     * @param pushDelay how pushes go
     * @param bounce the provider side's limit; null = no limit
     */
    public record Setup(
            Rule.Maker rule,
            Pick draw,
            double tickSeconds,
            Telemetry telemetry,
            Delay pushDelay,
            @Nullable Bounce bounce) {}

    /** How sidecars draw. */
    public enum Pick {
        /** a coin per request */
        RANDOM,
        /** a golden-ratio counter */
        SMOOTH,
        /** Envoy's scheduler inside one cluster, built anew at each push */
        EDF;

        Draw draw(SplittableRandom random) {
            return switch (this) {
                case RANDOM -> Draw.random(random);
                case SMOOTH -> Draw.golden(random);
                case EDF -> new Edf(random);
            };
        }
    }

    public PushedSplit(World world, Setup setup) {
        this.world = world;
        this.random = world.random();
        this.members = new Members(world.scenario());
        this.pushDelay = setup.pushDelay();
        this.bounce = setup.bounce();
        Rule rule = setup.rule().make(world.scenario(), setup.tickSeconds());
        this.control = new Control(world, members, rule, setup.tickSeconds(), setup.telemetry(), this::answered);
        int sidecars = world.scenario().sidecars();
        int pools = members.providers.length;
        this.draws = new Draw[sidecars][pools];
        this.inForce = new int[sidecars][][];
        this.latest = new int[sidecars];
        int[][] equal = new int[pools][];
        for (int p = 0; p < pools; p++) {
            equal[p] = new int[members.providers[p].length];
            Arrays.fill(equal[p], 1);
        }
        for (int s = 0; s < sidecars; s++) {
            for (int p = 0; p < pools; p++) {
                draws[s][p] = setup.draw().draw(random);
            }
            apply(s, equal);
        }
    }

    @Override
    public void start() {
        control.start();
    }

    @Override
    public int pick(int pool, int sidecar) {
        return members.providers[pool][draws[sidecar][pool].next()];
    }

    @Override
    public int pickAgain(int pool, int sidecar, int failed) {
        int[] weights = inForce[sidecar][pool];
        int[] providers = members.providers[pool];
        long total = 0;
        for (int i = 0; i < weights.length; i++) {
            total += providers[i] == failed ? 0 : weights[i];
        }
        if (total == 0) {
            return providers.length == 1 ? failed : another(providers, failed);
        }
        long at = (long) (random.nextDouble() * total);
        for (int i = 0; i < weights.length; i++) {
            at -= providers[i] == failed ? 0 : weights[i];
            if (at < 0) {
                return providers[i];
            }
        }
        return failed;
    }

    private int another(int[] providers, int failed) {
        int provider = providers[random.nextInt(providers.length - 1)];
        return provider == failed ? providers[providers.length - 1] : provider;
    }

    @Override
    public void sent(int pool, int sidecar, int provider, boolean first) {
        control.sent(pool, sidecar, provider, first);
    }

    @Override
    public void ended(int pool, int sidecar, int provider, End end, double seconds) {
        control.ended(pool, sidecar, provider, end, seconds);
    }

    @Override
    public void wake(int code) {
        if (control.wake(code)) {
            return;
        }
        if (code == LIMITS) {
            double[] now = limits[nextLimits++ % VERSIONS];
            for (int k = 0; k < now.length; k++) {
                world.limitFirst(k, now[k]);
            }
        } else {
            int sidecar = (code - FIRST_SIDECAR) / VERSIONS;
            int arrived = (code - FIRST_SIDECAR) % VERSIONS;
            // a stream keeps its order: what was overtaken on the way is old news
            if (Math.floorMod(arrived - latest[sidecar], VERSIONS) < VERSIONS / 2) {
                latest[sidecar] = arrived;
                apply(sidecar, versions[arrived]);
            }
        }
    }

    private void answered(Answer answer, long[] inFlight) {
        if (answer.push()) {
            version = (version + 1) % VERSIONS;
            versions[version] = answer.weights();
            for (int s = 0; s < draws.length; s++) {
                world.wakeIn(pushDelay.draw(random), FIRST_SIDECAR + s * VERSIONS + version);
            }
        }
        if (bounce != null) {
            limits[limitVersion++ % VERSIONS] = bounce.limits(world, members, inFlight, answer);
            world.wakeIn(pushDelay.least(), LIMITS);
        }
    }

    private void apply(int sidecar, int[][] weights) {
        inForce[sidecar] = weights;
        for (int p = 0; p < weights.length; p++) {
            draws[sidecar][p].weights(weights[p]);
        }
    }

    @Override
    public Deeds deeds() {
        return new Deeds(control.ticks(), control.released(), control.shareMove());
    }
}
