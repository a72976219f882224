package dev.weir.sim.slotted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.sim.policy.Rules;
import dev.weir.sim.slotted.SlottedRun.Demand;
import dev.weir.weights.Observation;
import org.junit.jupiter.api.Test;

final class SlottedRunTest {
    /** By capacity, half of class A goes to provider 2: load 1.5 x .95 there, .425 too much a slot. */
    @Test
    void a_split_by_capacity_fails_on_n2_by_as_much_as_arithmetic_says() {
        double slope = SlottedRun.run(Networks.n2(0.95), Rules.wrr(), Demand.STEADY, 0, 20_000, 1)
                .slope();
        assertThat(slope).isCloseTo(0.425, within(0.02));
    }

    @Test
    void both_demands_bring_the_rates_of_the_network() {
        for (Demand demand : Demand.values()) {
            Network heavy = Networks.chain(1.5);
            double slope =
                    SlottedRun.run(heavy, Rules.core(), demand, 0, 40_000, 2).slope();
            assertThat(slope).as(demand.name()).isCloseTo(5, within(0.5));
        }
    }

    @Test
    void what_a_rule_is_told_adds_up_to_what_was_sent_and_served() {
        Network network = Networks.n2(0.9);
        FluidQueues queues = new FluidQueues(network, 20, 0);
        long sent = 0;
        long served = 0;
        long left = 0;
        for (int slot = 0; slot < 1000; slot++) {
            Observation seen = queues.observe(slot, network.honest());
            left = 0;
            for (Observation.PoolInput pool : seen.pools()) {
                for (Observation.MemberInput member : pool.members()) {
                    sent += member.firstAttempts();
                    served += member.completions();
                    left += member.inFlight();
                }
            }
            queues.add(0, 0.37);
            queues.add(1, 0.11);
            queues.add(2, 0.8731);
            queues.serve(network.honest());
        }
        assertThat(sent - served).isCloseTo(left, within(4L));
    }
}
