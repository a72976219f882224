package dev.weir.sim.policy;

import dev.weir.sim.Scenario;
import dev.weir.sim.engine.Policy;
import dev.weir.sim.engine.World;
import dev.weir.weights.pick.LeastWait;

/**
 * Governed mode: one picker chooses for every request the provider with the least expected wait {@code (N + 1 - s) / mu}.
 * It knows no provider: {@code N} are its own grants less the ends that it has heard of. The slow loop tells it who is
 * stalled and what each is trusted with.
 */
public final class GovernedPolicy implements Policy {
    private static final int END = Control.CODES;
    private static final double TICK_SECONDS = 0.25;

    private final World world;
    private final Members members;
    private final Control control;
    private final double endLagSeconds;
    private final LeastWait choice;
    private final int[] slots;

    /**
     * @param endLagSeconds from an end to the picker's knowing
     * @param rule the slow loop's
     */
    public GovernedPolicy(World world, double endLagSeconds, Rule.Maker rule) {
        this.world = world;
        this.endLagSeconds = endLagSeconds;
        Scenario scenario = world.scenario();
        int n = scenario.providers().size();
        this.members = new Members(scenario);
        this.slots =
                scenario.providers().stream().mapToInt(Scenario.Provider::slots).toArray();
        this.choice = new LeastWait(n);
        for (int k = 0; k < n; k++) {
            choice.setState(k, slots[k], slots[k], scenario.providers().get(k).declaredCapacity(), 1, 1, true);
        }
        this.control = new Control(
                world,
                members,
                rule.make(scenario, TICK_SECONDS),
                TICK_SECONDS,
                Telemetry.loadReports(TICK_SECONDS),
                this::answered);
    }

    @Override
    public void start() {
        control.start();
    }

    @Override
    public int pick(int pool, int sidecar) {
        return pickAgain(pool, sidecar, -1);
    }

    @Override
    public int pickAgain(int pool, int sidecar, int failed) {
        int[] all = members.providers[pool];
        choice.choose(all, all.length, failed);
        return choice.first() != LeastWait.NONE ? choice.first() : leastGranted(pool, failed);
    }

    /** Nobody is open: the emptiest in its own measure, so that whoever comes back is found. */
    private int leastGranted(int pool, int failed) {
        int best = members.providers[pool][0];
        double least = Double.POSITIVE_INFINITY;
        for (int k : members.providers[pool]) {
            double filled = (double) choice.granted(k) / slots[k];
            if (k != failed && filled < least) {
                least = filled;
                best = k;
            }
        }
        return best;
    }

    @Override
    public void sent(int pool, int sidecar, int provider, boolean first) {
        choice.grant(provider);
        control.sent(pool, sidecar, provider, first);
    }

    @Override
    public void ended(int pool, int sidecar, int provider, End end, double seconds) {
        control.ended(pool, sidecar, provider, end, seconds);
        if (endLagSeconds > 0) {
            world.wakeIn(endLagSeconds, END + provider);
        } else {
            choice.end(provider);
        }
    }

    @Override
    public void wake(int code) {
        if (!control.wake(code)) {
            choice.end(code - END);
        }
    }

    private void answered(Answer answer, long[] inFlight) {
        for (int k = 0; k < slots.length; k++) {
            if (answer.open(k) && answer.capacity(k) > 0) {
                choice.setState(k, slots[k], slots[k], answer.capacity(k), 1, 1, true);
            } else {
                choice.close(k);
            }
        }
    }

    @Override
    public Deeds deeds() {
        return new Deeds(control.ticks(), 0, 0);
    }
}
