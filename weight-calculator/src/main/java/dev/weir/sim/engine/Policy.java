package dev.weir.sim.engine;

/**
 * Chooses providers. One instance per run; called by the engine only, in order of simulated time.
 *
 * <p>Numbers of pools, providers and sidecars are those of the scenario.
 */
public interface Policy {
    /** Instead of a provider: keep the request until {@link World#release}. */
    int HOLD = -1;

    /** How an attempt ended. */
    enum End {
        /** answered */
        OK,
        /** turned away at once because the provider had more than its limit */
        BOUNCED,
        /** turned away at once with an error */
        REFUSED,
        /** given up by the caller */
        TIMED_OUT
    }

    /** Called once before anything happens. */
    default void start() {}

    /** The provider of a request's first attempt, or {@link #HOLD}. */
    int pick(int pool, int sidecar);

    /** The provider of the next attempt after one at {@code failed}. */
    int pickAgain(int pool, int sidecar, int failed);

    /** An attempt leaves the sidecar. */
    default void sent(int pool, int sidecar, int provider, boolean first) {}

    /** An attempt ended, as its sidecar sees it; {@code seconds} since it was sent. */
    default void ended(int pool, int sidecar, int provider, End end, double seconds) {}

    /** A wake-up that was asked for. */
    default void wake(int code) {}

    /** What it did. */
    default Deeds deeds() {
        return Deeds.NONE;
    }

    /**
     * @param ticks decisions asked for
     * @param pushes splits pushed
     * @param shareMove mean L1 distance between successive splits
     */
    record Deeds(long ticks, long pushes, double shareMove) {
        public static final Deeds NONE = new Deeds(0, 0, 0);
    }

    /** Makes a policy for a run. */
    @FunctionalInterface
    interface Factory {
        Policy open(World world);
    }
}
