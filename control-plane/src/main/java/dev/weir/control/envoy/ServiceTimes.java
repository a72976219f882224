package dev.weir.control.envoy;

import dev.weir.weights.Observation;
import java.util.HashMap;
import java.util.Map;

/**
 * Mean service time of a request, by pool, as declared.
 *
 * <pre>
 *   S = w sum_k s_k / sum_k mu_k     [s]     w work per request, s slots, mu work units per second
 * </pre>
 */
final class ServiceTimes {
    private ServiceTimes() {}

    static Map<String, Double> of(Observation observation) {
        Map<String, Double> seconds = new HashMap<>();
        for (Observation.PoolInput pool : observation.pools()) {
            double slots = 0;
            double capacity = 0;
            for (Observation.MemberInput member : pool.members()) {
                Observation.ProviderInput provider =
                        observation.provider(member.provider()).orElse(null);
                if (provider != null && provider.declaredCapacity() > 0) {
                    slots += provider.slots();
                    capacity += provider.declaredCapacity();
                }
            }
            seconds.put(pool.id(), capacity > 0 ? pool.workPerRequest() * slots / capacity : 0);
        }
        return seconds;
    }
}
