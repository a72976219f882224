package dev.weir.bench.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class OrcaMeterTest {
    /** Two slots, one always busy, ten answers a second: capacity 20 a second whatever the averages have forgotten. */
    @Test
    void rateOverUtilisationIsCapacity() {
        OrcaMeter meter = new OrcaMeter(2, 0);
        for (int i = 1; i <= 100; i++) {
            meter.advance(i * 100_000_000L, 1);
            meter.completed();
        }

        Matcher said = Pattern.compile("TEXT rps_fractional=([0-9.]+),application_utilization=([0-9.]+)")
                .matcher(meter.header());
        assertThat(said.matches()).isTrue();
        double rate = Double.parseDouble(said.group(1));
        double utilisation = Double.parseDouble(said.group(2));
        assertThat(utilisation).isCloseTo(0.5, within(0.01));
        assertThat(rate / utilisation).isCloseTo(20, within(2.0));
    }
}
