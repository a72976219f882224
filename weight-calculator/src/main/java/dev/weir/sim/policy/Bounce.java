package dev.weir.sim.policy;

import dev.weir.sim.Scenario;
import dev.weir.sim.engine.World;

/**
 * The provider side's limit on first attempts, {@code s + mu L + c sqrt(s)}, requests. {@code L = (sum (N - s))^+ / sum mu}
 * is the pool's common queueing time, seconds: a provider is over its limit only when it queues longer than the pool does,
 * so refusals stay rare at every load.
 *
 * @param margin c; 1 in production, .5 where retries are cheap
 */
public record Bounce(double margin) {
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
            double seconds = capacity > 0 ? Math.max(0, queued) / capacity : 0;
            for (int provider : pool) {
                level[provider] = Math.max(level[provider], seconds);
            }
        }
        double[] limits = new double[inFlight.length];
        for (int k = 0; k < limits.length; k++) {
            int slots = scenario.providers().get(k).slots();
            limits[k] = slots + answer.capacity(k) * level[k] + margin * Math.sqrt(slots);
        }
        return limits;
    }
}
