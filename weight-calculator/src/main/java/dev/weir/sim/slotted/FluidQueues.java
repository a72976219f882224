package dev.weir.sim.slotted;

import dev.weir.weights.Observation;
import dev.weir.weights.Observation.MemberInput;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Observation.ProviderInput;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Work at providers, by class, served in proportion: a provider takes {@code min(queue, capacity)} each slot. What leaves
 * for a rule are whole requests; fractions are carried over, so nothing is lost or made.
 */
final class FluidQueues {

    private final Network network;
    private final int grain;
    private final int delay;
    private final int[] provider;
    private final double[] queue;
    private final double[] sent;
    private final double[] served;
    private final double[] sentCarry;
    private final double[] servedCarry;
    private final Deque<List<PoolInput>> past = new ArrayDeque<>();

    /**
     * @param grain requests per unit of work
     * @param delay age of what a rule sees, slots
     */
    FluidQueues(Network network, int grain, int delay) {
        this.network = network;
        this.grain = grain;
        this.delay = delay;
        this.provider = network.members().stream()
                .flatMap(List::stream)
                .mapToInt(Integer::intValue)
                .toArray();
        int cells = provider.length;
        queue = new double[cells];
        sent = new double[cells];
        served = new double[cells];
        sentCarry = new double[cells];
        servedCarry = new double[cells];
    }

    /** Work of a class for one of its members, by place. */
    void add(int cell, double work) {
        queue[cell] += work;
        sent[cell] += work;
    }

    /** One slot of service at these capacities. */
    void serve(double[] capacity) {
        double[] total = totals();
        for (int c = 0; c < queue.length; c++) {
            double all = total[provider[c]];
            if (all > 0) {
                double part = queue[c] * Math.min(1, capacity[provider[c]] / all);
                queue[c] -= part;
                served[c] += part;
            }
        }
    }

    /** Work waiting, by provider. */
    double[] totals() {
        double[] total = new double[network.capacity().size()];
        for (int c = 0; c < queue.length; c++) {
            total[provider[c]] += queue[c];
        }
        return total;
    }

    double total() {
        double sum = 0;
        for (double q : queue) {
            sum += q;
        }
        return sum;
    }

    /** What a rule is told at the start of slot {@code slot}: the state {@code delay} slots ago. */
    Observation observe(int slot, double[] declared) {
        past.add(snapshot());
        while (past.size() > delay + 1) {
            past.remove();
        }
        long slotNanos = Math.round(Network.SLOT_SECONDS * 1e9);
        List<ProviderInput> providers = new ArrayList<>();
        for (int k = 0; k < declared.length; k++) {
            double perSecond = declared[k] * grain / Network.SLOT_SECONDS;
            providers.add(new ProviderInput("p" + k, perSecond, 1, (past.size() - 1) * slotNanos));
        }
        return new Observation(slot * slotNanos, false, past.element(), providers);
    }

    private List<PoolInput> snapshot() {
        List<PoolInput> pools = new ArrayList<>();
        int cell = 0;
        for (int t = 0; t < network.members().size(); t++) {
            List<MemberInput> members = new ArrayList<>();
            for (int k : network.members().get(t)) {
                long first = whole(sent, sentCarry, cell);
                long done = whole(served, servedCarry, cell);
                long inFlight = Math.round(queue[cell] * grain);
                members.add(new MemberInput("p" + k, inFlight, first, done, 0, false));
                cell++;
            }
            pools.add(new PoolInput("c" + t, members, 1000, 1));
        }
        return pools;
    }

    private long whole(double[] amounts, double[] carry, int cell) {
        double requests = amounts[cell] * grain + carry[cell];
        amounts[cell] = 0;
        long whole = (long) Math.floor(requests + 1e-9);
        carry[cell] = requests - whole;
        return whole;
    }
}
