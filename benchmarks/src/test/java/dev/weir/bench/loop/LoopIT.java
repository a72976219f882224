package dev.weir.bench.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LoopIT {
    /** The bound and the control plane under test, for three seconds after the warm-up. */
    @Test
    void theSameJobsUnderTwoPolicies() throws Exception {
        Settings settings = new Settings(List.of(Policy.JSQ, Policy.SMOOTH), List.of(0.5), 1, 8, 1);
        StringWriter progress = new StringWriter();

        List<Reading> readings =
                Session.run(Bounded.step(settings), System.getenv(), Optional.empty(), new PrintWriter(progress, true));

        assertThat(readings.stream().map(reading -> reading.row().name())).containsExactly("jsq", "smooth");
        for (Reading reading : readings) {
            Row row = reading.row();
            assertThat(row.jobs())
                    .as(row.name())
                    .isEqualTo(readings.get(0).row().jobs())
                    .isPositive();
            assertThat(row.failed() + row.open() + row.refused())
                    .as(row.toString())
                    .isZero();
            // the mean service of these providers is 40 to 50 ms
            assertThat(row.meanResponse() - row.meanWait()).as(row.toString()).isBetween(30.0, 60.0);
            assertThat(reading.more()).as(row.name()).containsKey(Staging.AT_THE_END);
            assertThat(row.envoyMicros()).as(row.name()).isPositive();
        }
        assertThat(readings.get(1).row().controlMicros()).isPositive();
        assertThat(progress.toString()).contains("smooth");
    }
}
