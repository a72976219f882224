package dev.weir.sim.slotted;

import dev.weir.sim.Arrivals;
import dev.weir.sim.Law;
import dev.weir.sim.Scenario;
import dev.weir.sim.Scenario.Pool;
import dev.weir.sim.Scenario.Provider;
import dev.weir.sim.Scenario.Transport;
import java.util.ArrayList;
import java.util.List;

/**
 * Providers shared by classes of work.
 *
 * @param name for tables
 * @param capacity by provider: work per slot
 * @param members by class: the providers that may serve it
 * @param rates by class: mean work per slot
 */
public record Network(String name, List<Double> capacity, List<List<Integer>> members, List<Double> rates) {
    /**
     * Length of a slot, seconds: the rule's period. A slot has no length of its own; with this one, state ten slots old is
     * still younger than what the decision core takes for a failure of telemetry.
     */
    public static final double SLOT_SECONDS = 0.1;

    public Network {
        capacity = List.copyOf(capacity);
        members = members.stream().map(List::copyOf).toList();
        rates = List.copyOf(rates);
    }

    /** The same network with {@code factor} times the demand. */
    public Network scaled(double factor) {
        return new Network(
                name, capacity, members, rates.stream().map(r -> r * factor).toList());
    }

    /**
     * The network as rules see it: a provider is one slot; a unit of work is {@code grain} requests.
     *
     * @param grain requests per unit of work
     * @param declared by provider: work per slot that it claims
     */
    Scenario scenario(int grain, double[] declared) {
        List<Provider> providers = new ArrayList<>();
        for (int k = 0; k < capacity.size(); k++) {
            double service = SLOT_SECONDS / (grain * Math.max(1e-6, capacity.get(k)));
            providers.add(new Provider("p" + k, 1, service, declared[k] * grain / SLOT_SECONDS, null));
        }
        List<Pool> pools = new ArrayList<>();
        for (int t = 0; t < members.size(); t++) {
            double perSecond = rates.get(t) * grain / SLOT_SECONDS;
            pools.add(new Pool("c" + t, members.get(t), perSecond, Arrivals.POISSON));
        }
        return new Scenario(name, providers, pools, 1, Law.DETERMINISTIC, Transport.PLAIN, List.of());
    }

    /** True capacities as claims. */
    double[] honest() {
        return capacity.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
