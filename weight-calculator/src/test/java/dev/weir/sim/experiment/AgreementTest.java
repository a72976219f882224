package dev.weir.sim.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The simulator against closed loops measured on Envoy 1.40.0 (docs/evaluation.md). */
final class AgreementTest {
    @Test
    void waits_are_those_that_were_measured() {
        Report report = new Agreement().run(new Effort(8, 1, Effort.SERIAL));
        assertThat(report.checks())
                .hasSizeGreaterThan(30)
                .allSatisfy(
                        check -> assertThat(check.passed()).as(check.toString()).isTrue());
    }
}
