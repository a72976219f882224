package dev.weir.weights.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.weights.quota.CredentialQuota.Reservation;
import dev.weir.weights.quota.CredentialQuota.Usage;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CredentialQuotaTest {
    private static final long SECOND = 1_000_000_000L;
    private static final Usage CALL = new Usage(100, 50);

    private final CredentialQuota quota = new CredentialQuota(0);

    @Test
    void the_tightest_unit_decides() {
        assertThat(quota.waitSeconds(CALL, 0)).as("nothing is known").isZero();
        quota.limit(QuotaUnit.REQUESTS, 600, 60, 0);
        quota.limit(QuotaUnit.OUTPUT_TOKENS, 1_000, 60, 0);
        Reservation reservation = quota.reserve(CALL, 0);
        assertThat(quota.bucket(QuotaUnit.OUTPUT_TOKENS).orElseThrow().level(0)).isEqualTo(-10);
        // from there to the depth, which is 50 by now, at 950 per minute
        assertThat(quota.waitSeconds(CALL, 0)).isCloseTo(60 * 60 / 950.0, within(1e-6));
        quota.settle(reservation, new Usage(100, 10), 0);
        assertThat(quota.bucket(QuotaUnit.OUTPUT_TOKENS).orElseThrow().level(0)).isEqualTo(30);
        assertThat(quota.waitSeconds(new Usage(1, 1_001), 0)).isInfinite();
    }

    @Test
    void a_refusal_pauses_by_its_kind() {
        List<QuotaReport> nothing = List.of();
        quota.refused(RefusalKind.REQUEST, 30, nothing, 0, 0);
        assertThat(quota.pauseSeconds(0)).as("others are served").isZero();
        quota.refused(RefusalKind.RATE, 17, nothing, 0, 0);
        assertThat(quota.pauseSeconds(0)).isEqualTo(17);
        quota.refused(RefusalKind.OVERLOADED, 2, nothing, 0, 0);
        assertThat(quota.pauseSeconds(0)).as("never shorter").isEqualTo(17);
        assertThat(quota.waitSeconds(CALL, 17 * SECOND)).isLessThan(60);
        quota.served(nothing, 0, 20 * SECOND);
        quota.refused(RefusalKind.QUOTA, QuotaReport.UNSAID, nothing, 0, 20 * SECOND);
        assertThat(quota.pauseSeconds(20 * SECOND)).isEqualTo(60);
        for (int i = 0; i < 100; i++) {
            quota.refused(RefusalKind.QUOTA, QuotaReport.UNSAID, nothing, 0, 20 * SECOND);
        }
        assertThat(quota.pauseSeconds(20 * SECOND)).isEqualTo(3_600);
    }

    @Test
    void a_call_that_is_served_ends_the_pause_if_it_went_after_the_refusal() {
        List<QuotaReport> nothing = List.of();
        quota.refused(RefusalKind.RATE, 600, nothing, 0, 100 * SECOND);
        quota.served(nothing, 99 * SECOND, 103 * SECOND);
        quota.served(nothing, 101 * SECOND, 103 * SECOND);
        assertThat(quota.pauseSeconds(103 * SECOND)).as("records come late").isEqualTo(597);
        quota.served(nothing, 103 * SECOND, 104 * SECOND);
        assertThat(quota.pauseSeconds(104 * SECOND)).isZero();
        quota.refused(RefusalKind.RATE, 5, nothing, 104 * SECOND, 105 * SECOND);
        assertThat(quota.pauseSeconds(105 * SECOND)).isEqualTo(5);
    }

    @Test
    void what_an_answer_tells_makes_the_buckets() {
        quota.served(List.of(new QuotaReport(QuotaUnit.TOKENS, 10_000, 9_000, 6, -1)), 0, 0);
        assertThat(quota.bucket(QuotaUnit.TOKENS).orElseThrow().limit()).isEqualTo(10_000);
        assertThat(quota.bucket(QuotaUnit.INPUT_TOKENS)).isEmpty();
        quota.refused(
                RefusalKind.RATE, 3, List.of(new QuotaReport(QuotaUnit.TOKENS, 10_000, 0, 6, -1)), 0, 10 * SECOND);
        assertThat(quota.bucket(QuotaUnit.TOKENS).orElseThrow().level(10 * SECOND))
                .isZero();
        assertThat(quota.bucket(QuotaUnit.REQUESTS).orElseThrow().limit())
                .as("it is not what was used up")
                .isInfinite();
    }

    @Test
    void a_refusal_that_says_nothing_halves_what_requests_there_were() {
        for (int i = 0; i < 40; i++) {
            quota.count(i * SECOND);
        }
        quota.refused(RefusalKind.RATE, 5, List.of(), 0, 40 * SECOND);
        assertThat(quota.bucket(QuotaUnit.REQUESTS).orElseThrow().limit()).isEqualTo(20);
        quota.refused(RefusalKind.QUOTA, 5, List.of(), 0, 140 * SECOND);
        quota.refused(RefusalKind.OVERLOADED, 5, List.of(), 0, 140 * SECOND);
        assertThat(quota.bucket(QuotaUnit.REQUESTS).orElseThrow().limit())
                .as("no matter of pace")
                .isEqualTo(20);
    }
}
