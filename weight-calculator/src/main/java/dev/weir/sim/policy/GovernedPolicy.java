package dev.weir.sim.policy;

import dev.weir.sim.Scenario;
import dev.weir.sim.engine.Policy;
import dev.weir.sim.engine.World;
import dev.weir.weights.pick.LeastWait;

/** Governed mode: one picker chooses for every request, by a {@link GovernedChoice}. */
public final class GovernedPolicy implements Policy {
    private static final int END = Control.CODES;
    private static final double TICK_SECONDS = 0.25;

    private final World world;
    private final Members members;
    private final Control control;
    private final double endLagSeconds;
    private final GovernedChoice choice;

    /**
     * @param endLagSeconds from an end to the picker's knowing
     * @param rule the slow loop's
     */
    public GovernedPolicy(World world, double endLagSeconds, Rule.Maker rule) {
        this.world = world;
        this.endLagSeconds = endLagSeconds;
        Scenario scenario = world.scenario();
        this.members = new Members(scenario);
        this.choice = new GovernedChoice(scenario);
        this.control = new Control(
                world,
                members,
                rule.make(scenario, TICK_SECONDS),
                TICK_SECONDS,
                Telemetry.loadReports(TICK_SECONDS),
                (answer, inFlight) -> choice.answered(answer));
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
        int best = choice.best(members.providers[pool], failed);
        return best != LeastWait.NONE ? best : leastGranted(pool, failed);
    }

    /** The emptiest provider in its own measure, for a pool of which none is open, so that one that comes back is found. */
    private int leastGranted(int pool, int failed) {
        int best = members.providers[pool][0];
        double least = Double.POSITIVE_INFINITY;
        for (int k : members.providers[pool]) {
            double filled = choice.filled(k);
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

    @Override
    public Deeds deeds() {
        return new Deeds(control.ticks(), 0, 0);
    }
}
