package dev.weir.control.testbed.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class LoadSharesTest {
    private static final long MILLIS = 1_000_000;

    @Test
    void counts_attempts_in_half_open_intervals() {
        LoadShares shares = new LoadShares(Map.of("a", List.of(10L, 0L, 20L, 20L), "b", List.of(5L, 20L)));
        assertThat(shares.between("a", 0, 20)).isCloseTo(2.0 / 3, within(1e-9));
        assertThat(shares.between("a", 20, 21)).isCloseTo(2.0 / 3, within(1e-9));
        assertThat(shares.between(0, 21)).isEqualTo(Map.of("a", 4.0 / 6, "b", 2.0 / 6));
        assertThat(shares.between("a", 100, 200)).isZero();
        assertThat(shares.between("nobody", 0, 100)).isZero();
    }

    /** a takes half of the traffic up to 1 s and a tenth from there on: a window is at 30 % when 250 ms of it are new. */
    @Test
    void finds_when_a_share_has_fallen_and_risen() {
        List<Long> a = new ArrayList<>();
        List<Long> b = new ArrayList<>();
        for (long i = 0; i < 1000; i++) {
            long at = 2 * i * MILLIS;
            boolean toA = i < 500 ? i % 2 == 0 : i % 10 == 0;
            (toA ? a : b).add(at);
        }
        LoadShares shares = new LoadShares(Map.of("a", a, "b", b));
        OptionalLong fell = shares.fallsTo("a", 0.3, 1000 * MILLIS, 2000 * MILLIS, 500 * MILLIS);
        assertThat(fell.getAsLong()).isBetween(240 * MILLIS, 260 * MILLIS);
        assertThat(shares.risesTo("b", 0.7, 1000 * MILLIS, 2000 * MILLIS, 500 * MILLIS))
                .isEqualTo(fell);
        assertThat(shares.fallsTo("a", 0.05, 1000 * MILLIS, 2000 * MILLIS, 500 * MILLIS))
                .isEmpty();
    }

    @Test
    void silence_is_no_reaction() {
        LoadShares shares = new LoadShares(Map.of("a", List.of(0L), "b", List.of(0L)));
        assertThat(shares.fallsTo("a", 0.3, 1000 * MILLIS, 2000 * MILLIS, 500 * MILLIS))
                .isEmpty();
    }
}
