package dev.weir.sim.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.sim.Law;
import dev.weir.sim.policy.Rule;
import dev.weir.sim.policy.Rules;
import dev.weir.sim.slotted.EscrowRun;
import dev.weir.sim.slotted.Network;
import dev.weir.sim.slotted.Networks;
import dev.weir.sim.slotted.SlottedRun;
import dev.weir.sim.slotted.SlottedRun.Demand;
import dev.weir.sim.slotted.SlottedRun.Outcome;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Short versions of the experiments, with thresholds that a wrong rule fails: each test that passes with the decision core is
 * run once more with a rule that must fail it.
 */
final class GuardTest {
    private static final Effort SHORT = new Effort(2, 0.25, Effort.SERIAL);
    private static final double[] RATIOS = {0.1, 1, 10};
    private static final double[] LOADS = {0.5, 0.9};

    @Test
    void response_is_close_to_clairvoyant_jsq() {
        assertPasses(new Quality(Rules.core()).overBound(SHORT));
        assertThat(new Quality(Rules.wrr()).overBound(SHORT).passed()).isFalse();
    }

    @Test
    void the_split_is_never_worse_than_fixed_weights() {
        Effort effort = new Effort(1, 0.2, Effort.SERIAL);
        assertPasses(new Quality(Rules.core()).grid(effort, RATIOS, LOADS));
        assertThat(new Quality(Rules.argmax()).grid(effort, RATIOS, LOADS).passed())
                .isFalse();
    }

    @Test
    void a_governed_pool_is_never_worse_than_its_split() {
        Effort effort = new Effort(1, 0.3, Effort.SERIAL);
        assertPasses(new Starvation().grid(effort, new double[] {0.5, 0.95}, new double[] {0, 0.06, 0.4, 1, 10}));
        Starvation heedless = new Starvation(Optional::empty);
        assertThat(heedless.grid(effort, new double[] {0.5}, new double[] {0.4}).passed())
                .isFalse();
    }

    @Test
    void backlog_is_bounded_on_shared_providers() {
        for (Network network : new Network[] {Networks.n2(0.95), Networks.chain(0.95)}) {
            for (int delay : new int[] {0, 4}) {
                Outcome ours = slotted(network, Rules.core(), delay);
                assertThat(ours.slope()).as(network.name()).isLessThan(1e-3);
                assertThat(ours.mean()).as(network.name()).isLessThan(5);
            }
            assertThat(slotted(network, Rules.wrr(), 0).slope()).isGreaterThan(0.1);
        }
        assertThat(slotted(Networks.chain(0.95), Rules.differential(), 0).slope())
                .isGreaterThan(1e-3);
        for (int graph = 1; graph <= 10; graph++) {
            Network network = Networks.random(graph).scaled(0.97);
            assertThat(slotted(network, Rules.core(), 0).slope())
                    .as(network.name())
                    .isLessThan(1e-3);
        }
    }

    @Test
    void a_silent_death_costs_little() {
        assertPasses(new Failure(Rules.core()).death(SHORT));
        assertThat(new Failure(Rules.wrr()).death(SHORT).passed()).isFalse();
    }

    @Test
    void the_price_settles_after_demand_doubled() {
        for (double elasticity : new double[] {1, 2, 4}) {
            PriceLoop.Outcome outcome = PriceLoop.run(4, elasticity, 1);
            assertThat(outcome.publications()).as("elasticity " + elasticity).isLessThanOrEqualTo(15);
            assertThat(outcome.overshoot()).as("elasticity " + elasticity).isLessThan(0.05);
            assertThat(outcome.spread()).as("elasticity " + elasticity).isLessThan(0.02);
        }
        // demand that answers ten times as fast in a lag ten times as long must swing, or the test shows nothing
        assertThat(PriceLoop.run(80, 20, 1).spread()).isGreaterThan(0.02);
    }

    @Test
    void a_claim_that_is_a_fifth_short_is_seen_and_an_honest_one_is_not_accused() {
        for (double variation : new double[] {1, 4}) {
            Law law = variation == 1 ? Law.EXPONENTIAL : Law.lognormal(variation);
            double[] after = new double[51];
            for (int run = 0; run < after.length; run++) {
                after[run] = SaturatedProvider.alarmAfter(0.8, law, 1_000_000, run);
                assertThat(SaturatedProvider.alarmAfter(1, law, 20_000, 1000 + run))
                        .isInfinite();
            }
            Arrays.sort(after);
            assertThat(after[25]).as("cv^2 = " + variation).isLessThanOrEqualTo(650 * variation);
        }
    }

    @Test
    void overflow_lines_stay_short_and_lose_nothing() {
        EscrowRun.Outcome ours = EscrowRun.run(Networks.chain(0.95), EscrowRun.Release.OURS, 1, 10_000, 1);
        assertThat(ours.largest()).isLessThan(20);
        assertThat(ours.lost()).isZero();
        EscrowRun.Outcome inOrder = EscrowRun.run(Networks.chain(0.95), EscrowRun.Release.CLASS_ORDER, 1, 10_000, 1);
        assertThat(inOrder.largest()).isGreaterThan(100);
        assertThat(inOrder.lost()).isZero();
    }

    private static Outcome slotted(Network network, Rule.Maker rule, int delay) {
        return SlottedRun.run(network, rule, Demand.STEADY, delay, 10_000, 1);
    }

    private static void assertPasses(Report report) {
        assertThat(report.checks())
                .isNotEmpty()
                .allSatisfy(
                        check -> assertThat(check.passed()).as(check.toString()).isTrue());
    }
}
