package dev.weir.bench.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class QuantilesTest {
    @Test
    void theNearestRank() {
        Quantiles times = new Quantiles(List.of(4.0, 1.0, 3.0, 2.0));
        assertThat(times.count()).isEqualTo(4);
        assertThat(times.at(0.5)).isEqualTo(2);
        assertThat(times.at(0.51)).isEqualTo(3);
        assertThat(times.at(0.99)).isEqualTo(4);
        assertThat(new Quantiles(List.of()).at(0.5)).isNaN();
    }
}
