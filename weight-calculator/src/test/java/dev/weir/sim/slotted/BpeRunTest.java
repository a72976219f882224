package dev.weir.sim.slotted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.sim.policy.Rules;
import dev.weir.sim.slotted.BpeRun.Blind;
import dev.weir.sim.slotted.BpeRun.Cap;
import dev.weir.sim.slotted.BpeRun.Case;
import dev.weir.sim.slotted.BpeRun.Outcome;
import org.junit.jupiter.api.Test;

final class BpeRunTest {
    /** The published figures for seed 42, and the growth that its own script hides by leaking queues. */
    @Test
    void the_published_figures_come_out_again() {
        Outcome proportional = BpeRun.run(Case.AS_PUBLISHED, Blind.PROPORTIONAL, 42);
        assertThat(proportional.efficiency()).isCloseTo(0.957, within(0.001));
        assertThat(proportional.slope()).isCloseTo(59.9, within(0.5));
        assertThat(BpeRun.run(Case.AS_PUBLISHED, Blind.ROUND_ROBIN, 42).efficiency())
                .isCloseTo(0.935, within(0.001));
        assertThat(BpeRun.run(Case.AS_PUBLISHED, Blind.RANDOM, 42).efficiency()).isCloseTo(0.799, within(0.005));
    }

    @Test
    void proportional_shares_are_enough_when_reports_are_exact_and_uncapped() {
        Outcome outcome = BpeRun.run(Case.of(0.8, Cap.NONE), Blind.PROPORTIONAL, 1);
        assertThat(outcome.efficiency()).isGreaterThan(0.999);
        assertThat(outcome.backlog()).isLessThan(1);
    }

    @Test
    void the_core_serves_what_the_published_rule_lets_pile_up() {
        Case high = Case.of(0.95, Cap.ROOT_OF_STAKE);
        Outcome ours = BpeRun.run(high, Rules.core(0), 3);
        assertThat(ours.efficiency()).isGreaterThan(0.998);
        assertThat(Math.abs(ours.slope())).isLessThan(0.5);
        assertThat(BpeRun.run(high, Blind.PROPORTIONAL, 3).slope()).isGreaterThan(200);
    }
}
