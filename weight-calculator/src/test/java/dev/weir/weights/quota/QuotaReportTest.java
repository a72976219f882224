package dev.weir.weights.quota;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class QuotaReportTest {
    @ParameterizedTest
    @CsvSource({
        "500, 499, 0.12, -1, 60",
        "500, 499, -1, -1, 60",
        "500, 10, 59, -1, 60",
        "500, 10, 75, -1, 60",
        "200, 199, 432, -1, 86400",
        "14400, 14370, 179.56, -1, 86400",
        "500, 100, 2700, -1, 3600",
        "500, -1, 2700, -1, 3600",
        "500, 100, 80000, -1, 86400",
        "500, 100, 604800, -1, 604800",
        "500, 499, 0.12, 10, 10"
    })
    void a_window_is_what_was_said_or_what_the_reset_fits(
            long limit, long remaining, double reset, double window, double expected) {
        assertThat(new QuotaReport(QuotaUnit.REQUESTS, limit, remaining, reset, window).window())
                .isEqualTo(expected);
    }
}
