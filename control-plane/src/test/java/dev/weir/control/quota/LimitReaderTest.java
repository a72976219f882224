package dev.weir.control.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.weights.quota.QuotaReport;
import dev.weir.weights.quota.QuotaUnit;
import dev.weir.xds.wire.LimitHeader;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LimitReaderTest {
    /** 2026-12-01T00:00:00Z. */
    private static final long NOW = 1_796_083_200_000L;

    private static LimitsSaid read(Map<LimitHeader, String> values) {
        return LimitReader.read(values, NOW);
    }

    @Test
    void openai_counts_requests_and_tokens() {
        LimitsSaid said = read(Map.of(
                LimitHeader.LIMIT_REQUESTS, "500",
                LimitHeader.REMAINING_REQUESTS, "499",
                LimitHeader.RESET_REQUESTS, "120ms",
                LimitHeader.LIMIT_TOKENS, "30000",
                LimitHeader.REMAINING_TOKENS, "29000",
                LimitHeader.RESET_TOKENS, "2s"));
        assertThat(said)
                .isEqualTo(new LimitsSaid(
                        List.of(
                                new QuotaReport(QuotaUnit.REQUESTS, 500, 499, 0.12, -1),
                                new QuotaReport(QuotaUnit.TOKENS, 30_000, 29_000, 2, -1)),
                        -1,
                        0));
    }

    @Test
    void anthropic_counts_input_and_output_apart_and_says_when_by_the_clock() {
        LimitsSaid said = read(Map.of(
                LimitHeader.LIMIT_INPUT_TOKENS, "40000",
                LimitHeader.REMAINING_INPUT_TOKENS, "0",
                LimitHeader.RESET_INPUT_TOKENS, "2026-12-01T00:00:45Z",
                LimitHeader.REMAINING_OUTPUT_TOKENS, "8000",
                LimitHeader.RETRY_AFTER, "45"));
        assertThat(said.reports())
                .containsExactlyInAnyOrder(
                        new QuotaReport(QuotaUnit.INPUT_TOKENS, 40_000, 0, 45, -1),
                        new QuotaReport(QuotaUnit.OUTPUT_TOKENS, -1, 8_000, -1, -1));
        assertThat(said.retryAfterSeconds()).isEqualTo(45);
    }

    @Test
    void headers_that_name_their_window_say_it() {
        LimitsSaid said = read(Map.of(
                LimitHeader.LIMIT_TOKENS_MINUTE, "60000",
                LimitHeader.REMAINING_TOKENS_MINUTE, "59000",
                LimitHeader.RESET_TOKENS_MINUTE, "20.5",
                LimitHeader.LIMIT_REQUESTS_DAY, "1000"));
        assertThat(said.reports())
                .containsExactlyInAnyOrder(
                        new QuotaReport(QuotaUnit.TOKENS, 60_000, 59_000, 20.5, 60),
                        new QuotaReport(QuotaUnit.REQUESTS, 1_000, -1, -1, 86_400));
    }

    @Test
    void the_ietfs_fields_are_read_in_all_their_drafts() {
        QuotaReport expected = new QuotaReport(QuotaUnit.REQUESTS, 100, 50, 30, 60);
        assertThat(ietf("\"a;b,c\";r=50;t=30;pk=:cHI=:", "\"a;b,c\";q=100;w=60").reports())
                .containsExactly(expected);
        assertThat(ietf("\"day\";r=900;t=3000, \"min\";r=50;t=30", "\"min\";q=100;w=60, \"day\";q=1000;w=86400")
                        .reports())
                .as("the one that ends first")
                .containsExactly(expected);
        assertThat(ietf("limit=100, remaining=50, reset=30", "100;w=60").reports())
                .containsExactly(expected);
        assertThat(ietf("\"a\";r=50;t=30", "\"a\";q=100;w=60;qu=\"content-bytes\"")
                        .reports())
                .isEmpty();
        assertThat(read(Map.of(LimitHeader.RATE_LIMIT_POLICY, "\"a\";q=100;w=60"))
                        .reports())
                .containsExactly(new QuotaReport(QuotaUnit.REQUESTS, 100, -1, -1, 60));
        assertThat(read(Map.of(LimitHeader.LIMIT, "100", LimitHeader.REMAINING, "50", LimitHeader.RESET, "30"))
                        .reports())
                .containsExactly(new QuotaReport(QuotaUnit.REQUESTS, 100, 50, 30, -1));
    }

    private static LimitsSaid ietf(String left, String policy) {
        return read(Map.of(LimitHeader.RATE_LIMIT, left, LimitHeader.RATE_LIMIT_POLICY, policy));
    }

    @Test
    void milliseconds_count_before_seconds() {
        assertThat(read(Map.of(LimitHeader.RETRY_AFTER_MILLIS, "1234", LimitHeader.RETRY_AFTER, "2"))
                        .retryAfterSeconds())
                .isEqualTo(1.234);
        LimitsSaid odd = read(Map.of(LimitHeader.RETRY_AFTER_MILLIS, "soon", LimitHeader.RETRY_AFTER, "2"));
        assertThat(odd.retryAfterSeconds()).isEqualTo(2);
        assertThat(odd.ignored()).isEqualTo(1);
        assertThat(read(Map.of(LimitHeader.RETRY_AFTER, "Tue, 01 Dec 2026 00:01:00 GMT"))
                        .retryAfterSeconds())
                .isEqualTo(60);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-1",
                "1000000000000000000",
                "1000000000001",
                "NaN",
                "1.5",
                "1e3",
                "ten",
                "0x1f",
                "5 ",
                "\u0663", // a digit, of another script
                "99999999999999999999999999999999999999"
            })
    void what_is_no_count_is_ignored_and_counted(String odd) {
        LimitsSaid said = read(Map.of(LimitHeader.LIMIT_REQUESTS, odd, LimitHeader.REMAINING_REQUESTS, "5"));
        assertThat(said.reports()).containsExactly(new QuotaReport(QuotaUnit.REQUESTS, -1, 5, -1, -1));
        assertThat(said.ignored()).isEqualTo(1);
    }

    @Test
    void what_contradicts_itself_is_ignored_and_counted() {
        LimitsSaid more = read(Map.of(LimitHeader.LIMIT_REQUESTS, "5", LimitHeader.REMAINING_REQUESTS, "6"));
        assertThat(more.reports()).isEmpty();
        assertThat(more.ignored()).isEqualTo(1);
        assertThat(read(Map.of(LimitHeader.LIMIT_REQUESTS, "0")).ignored()).isEqualTo(1);
        LimitsSaid past =
                read(Map.of(LimitHeader.REMAINING_REQUESTS, "5", LimitHeader.RESET_REQUESTS, "2025-12-01T00:00:00Z"));
        assertThat(past.reports()).containsExactly(new QuotaReport(QuotaUnit.REQUESTS, -1, 5, -1, -1));
        assertThat(past.ignored()).isEqualTo(1);
    }

    @Test
    void of_two_dialects_at_once_the_first_counts_and_a_contradiction_is_counted() {
        Map<LimitHeader, String> both = Map.of(
                LimitHeader.LIMIT_REQUESTS, "500",
                LimitHeader.LIMIT, "60",
                LimitHeader.RATE_LIMIT, "\"a\";r=50;t=30");
        LimitsSaid said = read(both);
        assertThat(said.reports()).containsExactly(new QuotaReport(QuotaUnit.REQUESTS, 500, -1, -1, -1));
        assertThat(said.ignored()).isEqualTo(2);
        assertThat(read(Map.of(LimitHeader.LIMIT_REQUESTS, "500", LimitHeader.LIMIT, "500"))
                        .ignored())
                .as("the same twice")
                .isZero();
    }

    @Test
    void whatever_is_said_nothing_is_thrown_and_nothing_odd_believed() {
        Random random = new Random(11);
        String alphabet = "0123456789.,;=\"-+eE mshdTZ:qrtw%|\\(){}";
        for (int i = 0; i < 50_000; i++) {
            Map<LimitHeader, String> values = new EnumMap<>(LimitHeader.class);
            for (int n = random.nextInt(8); n >= 0; n--) {
                LimitHeader header =
                        LimitHeader.all().get(random.nextInt(LimitHeader.all().size()));
                StringBuilder value = new StringBuilder();
                for (int length = random.nextInt(header.maxLength()); length >= 0; length--) {
                    value.append(alphabet.charAt(random.nextInt(random.nextBoolean() ? 10 : alphabet.length())));
                }
                values.put(header, value.toString());
            }
            LimitsSaid said = read(values);
            assertThat(said.reports()).as("%s", values).allSatisfy(report -> {
                assertThat(report.limit()).isBetween(-1L, LimitReader.MAX_UNITS).isNotZero();
                assertThat(report.remaining()).isBetween(-1L, LimitReader.MAX_UNITS);
                assertThat(report.resetSeconds()).isBetween(-1.0, Times.MAX_SECONDS);
                assertThat(report.window()).isBetween(1e-9, Times.MAX_SECONDS);
            });
            assertThat(said.retryAfterSeconds()).isBetween(-1.0, Times.MAX_SECONDS);
        }
    }
}
