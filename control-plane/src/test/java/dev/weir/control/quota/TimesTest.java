package dev.weir.control.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TimesTest {
    /** 2026-12-01T00:00:00Z. */
    private static final long NOW = 1_796_083_200_000L;

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "6m0s; 360",
                "1s; 1",
                "120ms; .12",
                "2m59.56s; 179.56",
                "7m12s; 432",
                "1h0m2s; 3602",
                "1d; 86400",
                "500us; .0005",
                "0s; 0",
                "0; 0",
                "17; 17",
                "1.5; 1.5",
                "1796083230; 30",
                "1796083230000; 30",
                "1796083230.5; 30.5",
                "2026-12-01T00:00:30Z; 30",
                "2026-12-01T01:00:30.250+01:00; 30.25",
                "2026-11-30T23:59:30Z; 0",
                "Tue, 01 Dec 2026 00:00:30 GMT; 30"
            })
    void every_way_to_write_a_time(String text, double seconds) {
        assertThat(Times.seconds(text, NOW)).hasValueCloseTo(seconds, within(1e-6));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "-1",
                "-1s",
                "NaN",
                "Infinity",
                "1e3",
                "0x10",
                "6m0",
                "s",
                "1s1",
                "1 s",
                "31536000", // a year
                "9000h",
                "1000000000000000000",
                "999999999d999999999d",
                "2026-11-30T23:00:00Z", // past
                "1796000000",
                "2027-12-01T00:00:00Z",
                "+1000000000-01-01T00:00:00Z",
                "2026-13-01T00:00:00Z",
                "2026-12-01",
                "Mon, 01 Dec 2026 00:00:30 GMT", // a Tuesday
                "1111111111111111111111111111111111111111111111",
                "1m1m1m1m1m1m1m1m1m1m1m1m1m1m1m1m1m1m1m1m1m1m1m1m"
            })
    void what_is_no_time_or_none_that_is_believed(String text) {
        assertThat(Times.seconds(text, NOW)).isEmpty();
    }
}
