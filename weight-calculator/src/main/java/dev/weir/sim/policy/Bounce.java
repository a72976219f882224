package dev.weir.sim.policy;

import dev.weir.sim.Scenario;
import dev.weir.sim.engine.World;
import dev.weir.weights.bounce.BounceLimit;

/**
 * The provider side's limit on first attempts, {@link BounceLimit#first} without an end of queues: attempts that were refused
 * once are always taken here.
 *
 * @param margin c; .5 in production
 */
public record Bounce(double margin) {
    private static final double ENDLESS_SECONDS = 1e9;

    /**
     * Limits of all providers; one in several pools gets the largest of theirs.
     *
     * @param inFlight by provider
     * @param answer what is trusted and open
     */
    double[] limits(World world, Members members, long[] inFlight, Answer answer) {
        Scenario scenario = world.scenario();
        double[] level = new double[inFlight.length];
        for (int[] pool : members.providers) {
            double queued = 0;
            double capacity = 0;
            for (int provider : pool) {
                if (answer.open(provider)) {
                    queued += inFlight[provider]
                            - scenario.providers().get(provider).slots();
                    capacity += answer.capacity(provider);
                }
            }
            double seconds = BounceLimit.levelSeconds(queued, capacity);
            for (int provider : pool) {
                level[provider] = Math.max(level[provider], seconds);
            }
        }
        double[] limits = new double[inFlight.length];
        for (int k = 0; k < limits.length; k++) {
            int slots = scenario.providers().get(k).slots();
            limits[k] = BounceLimit.first(slots, answer.capacity(k), level[k], margin, ENDLESS_SECONDS);
        }
        return limits;
    }
}
