package dev.weir.control.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.weights.quota.QuotaReport;
import dev.weir.weights.quota.QuotaUnit;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RefusalsTest {
    @ParameterizedTest(name = "{0} {1}, retry after {2} s, remaining {3}: {4}")
    @CsvSource({
        "429, tokens/rate_limit_exceeded, -1, -1, rate",
        "429, requests/rate_limit_exceeded, 20, 0, rate",
        "429, tokens/request_too_large, -1, 30000, request",
        "429, insufficient_quota/insufficient_quota, -1, -1, quota",
        "429, insufficient_quota/insufficient_quota, 2, 499, quota",
        "429, rate_limit_error/, 17, -1, rate",
        "429, rate_limit_error/enforced_spend_limit_reached, -1, -1, quota",
        "402, billing_error/, -1, -1, quota",
        "402, /, -1, -1, quota",
        "529, overloaded_error/, -1, -1, overloaded",
        "503, '', 5, -1, overloaded",
        "498, /capacity_exceeded, -1, -1, overloaded",
        "429, engine_overloaded_error/, 3, -1, overloaded",
        "429, /RESOURCE_EXHAUSTED, -1, -1, rate",
        "413, tokens/rate_limit_exceeded, 2, -1, request",
        "429, '', 17, -1, rate",
        "429, '', -1, 0, rate",
        "429, '', 7200, -1, quota",
        "429, '', -1, -1, overloaded",
        "403, access_terminated/quota_exceeded, -1, -1, quota",
        "403, invalid_request_error/, -1, -1, none",
        "401, insufficient_quota/, -1, -1, none",
        "200, '', -1, 0, none",
        "0, '', -1, -1, none"
    })
    void a_refusal_is_of_one_kind(int status, String called, double retryAfter, long remaining, String kind) {
        List<QuotaReport> reports =
                remaining < 0 ? List.of() : List.of(new QuotaReport(QuotaUnit.REQUESTS, 500, remaining, 1, -1));
        assertThat(Refusals.kind(status, called, new LimitsSaid(reports, retryAfter, 0))
                        .map(each -> each.name().toLowerCase(Locale.ROOT))
                        .orElse("none"))
                .isEqualTo(kind);
    }
}
