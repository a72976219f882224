package dev.weir.weights;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.weir.weights.Settings.Policy;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "0;.001;.9;40;5;0;tickSeconds: 0.0 (expected: over 0, at most 3600)",
                "NaN;.001;.9;40;5;0;tickSeconds: NaN (expected: over 0, at most 3600)",
                ".25;-1;.9;40;5;0;gateShare: -1.0 (expected: 0 to 1)",
                ".25;.001;1.1;40;5;0;targetUtilisation: 1.1 (expected: over 0, at most 1)",
                ".25;.001;.9;0;5;0;priceTimeConstantSeconds: 0.0 (expected: over 0, at most 1000000)",
                ".25;.001;.9;40;Infinity;0;priceIntervalSeconds: Infinity (expected: 0 to 1000000)",
                ".25;.001;.9;40;5;NaN;costSeconds: NaN (expected: 0 to 1e9)"
            })
    void a_constant_out_of_range_is_refused(
            double tick, double gate, double target, double tau, double interval, double cost, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Settings(tick, Policy.WATER_FILLING, gate, target, tau, interval, cost))
                .withMessage(message);
    }
}
