package dev.weir.control.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.model.Config.Work;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ValuationTest {
    private static final Work PER_REQUEST = new Work.PerRequest();

    @Test
    void a_request_is_one_work_unit_and_costs_a_thousandth_of_the_price_of_a_thousand() {
        assertThat(Valuation.of(Records.call("r", "a", 200, null), PER_REQUEST))
                .isEqualTo(new Valuation(1, Optional.of(120L), false));
    }

    @Test
    void a_price_of_one_atomic_unit_is_still_an_exact_integer() {
        assertThat(Valuation.of(priced(1, null), PER_REQUEST).amountMilli()).contains(1L);
    }

    @ParameterizedTest
    @CsvSource({
        // prompt, completion, per prompt token, per completion token, price: work, amount
        "11, 7, 1, 4, 120, 39, 4680",
        "0, 0, 1, 4, 120, 0, ",
        "1, 0, 0.1, 1, 3, 0.1, 0",
        "5, 0, 0.1, 1, 1, 0.5, 0",
        "15, 0, 0.1, 1, 1, 1.5, 2",
        "25, 0, 0.1, 1, 1, 2.5, 2",
        // 0.1 + 0.2 is not 0.3 in binary; in the ledger it is
        "1, 1, 0.1, 0.2, 1000000000000000, 0.3, 300000000000000"
    })
    void tokens_count_as_the_pool_says(
            long prompt,
            long completion,
            double perPrompt,
            double perCompletion,
            long price,
            double work,
            Long amount) {
        Usage usage = new Usage(prompt, completion, prompt + completion, 0);
        Valuation value = Valuation.of(priced(price, usage), new Work.PerToken(perPrompt, perCompletion, 100));
        assertThat(value).isEqualTo(new Valuation(work, Optional.ofNullable(amount), false));
    }

    @Test
    void without_usage_nothing_is_known_to_be_owed() {
        assertThat(Valuation.of(priced(120, null), new Work.PerToken(1, 1, 100)))
                .isEqualTo(new Valuation(0, Optional.empty(), false));
    }

    @Test
    void a_pool_that_is_gone_counts_nothing() {
        assertThat(Valuation.of(priced(120, null), null)).isEqualTo(new Valuation(0, Optional.empty(), false));
    }

    @Test
    void only_what_completed_is_owed_and_only_by_the_call() {
        assertThat(Valuation.of(Records.call("r", "a", 503, null), PER_REQUEST).amountMilli())
                .isEmpty();
        assertThat(Valuation.of(Records.call("r", "", 200, null), PER_REQUEST).amountMilli())
                .isEmpty();
        assertThat(Valuation.of(Records.call("r", "a", Records.ERROR, null), PER_REQUEST)
                        .amountMilli())
                .isEmpty();
        assertThat(Valuation.of(Records.attempt("r", 1, "a", 200), PER_REQUEST))
                .isEqualTo(new Valuation(1, Optional.empty(), false));
        assertThat(Valuation.of(Records.attempt("r", 1, "a", 0), PER_REQUEST).amountMilli())
                .isEmpty();
    }

    @Test
    void an_amount_that_does_not_fit_is_left_out_and_said() {
        Usage usage = new Usage(1_000_000_000_000L, 0, 1_000_000_000_000L, 0);
        assertThat(Valuation.of(priced(1L << 53, usage), new Work.PerToken(1, 1, 100)))
                .isEqualTo(new Valuation(1e12, Optional.empty(), true));
        Usage fits = new Usage(Long.MAX_VALUE / 7, 0, 0, 0);
        assertThat(Valuation.of(priced(7, fits), new Work.PerToken(1, 1, 100)).amountMilli())
                .contains(Long.MAX_VALUE / 7 * 7);
    }

    @Test
    void negative_tokens_are_none() {
        assertThat(Valuation.of(priced(120, new Usage(-5, -5, -10, 0)), new Work.PerToken(1, 1, 100)))
                .isEqualTo(new Valuation(0, Optional.empty(), false));
    }

    private static AccessRecord priced(long price, @org.jspecify.annotations.Nullable Usage usage) {
        AccessRecord r = Records.call("r", "a", 200, usage);
        return new AccessRecord(
                r.kind(),
                r.sidecar(),
                r.requestId(),
                r.attempt(),
                r.startMicros(),
                r.durationMicros(),
                r.firstByteMicros(),
                r.whole(),
                r.pool(),
                r.provider(),
                r.epoch(),
                price,
                r.priceNumber(),
                r.status(),
                r.details(),
                r.flags(),
                r.method(),
                r.path(),
                r.model(),
                r.streamed(),
                usage,
                r.bytesReceived(),
                r.bytesSent(),
                r.bounced(),
                r.failed(),
                r.check());
    }
}
