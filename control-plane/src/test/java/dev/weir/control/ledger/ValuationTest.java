package dev.weir.control.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.ledger.Valuation.Basis;
import dev.weir.control.model.Work;
import dev.weir.control.usage.Doubt;
import dev.weir.control.usage.Estimates;
import dev.weir.control.usage.Estimates.Tokens;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Content;
import dev.weir.xds.telemetry.AccessRecord.GrantFacts;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ValuationTest {
    private static final Work PER_REQUEST = new Work.PerRequest();
    private static final Work PER_TOKEN = new Work.PerToken(1, 4, 100);

    private static Valuation value(AccessRecord record, @Nullable Work work) {
        return Valuation.of(record, work, new Estimates());
    }

    private static Valuation worth(double work, @Nullable Long amount, Basis basis) {
        return new Valuation(work, Optional.ofNullable(amount), basis, Optional.empty(), Optional.empty(), false);
    }

    private static Valuation doubted(Doubt doubt) {
        return new Valuation(0, Optional.empty(), Basis.NOTHING, Optional.of(doubt), Optional.empty(), false);
    }

    @Test
    void a_request_is_one_work_unit_and_costs_a_thousandth_of_the_price_of_a_thousand() {
        assertThat(value(Records.call("r", "a", 200, null), PER_REQUEST)).isEqualTo(worth(1, 120L, Basis.REQUEST));
    }

    @Test
    void a_price_of_one_atomic_unit_is_still_an_exact_integer() {
        assertThat(value(priced(1, null), PER_REQUEST).amountMilli()).contains(1L);
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
            @Nullable Long amount) {
        Usage usage = new Usage(prompt, completion, prompt + completion, 0);
        assertThat(value(priced(price, usage), new Work.PerToken(perPrompt, perCompletion, 100)))
                .isEqualTo(worth(work, amount, Basis.REPORTED));
    }

    @Test
    void a_pool_that_is_gone_counts_nothing() {
        assertThat(value(priced(120, null), null)).isEqualTo(worth(0, null, Basis.NOTHING));
    }

    @Test
    void errors_and_attempts_owe_nothing() {
        for (Work work : new Work[] {PER_REQUEST, PER_TOKEN}) {
            assertThat(value(Records.call("r", "a", 503, null), work).amountMilli())
                    .isEmpty();
            assertThat(value(Records.call("r", "", 200, null), work).amountMilli())
                    .isEmpty();
            assertThat(value(Records.call("r", "a", Records.ERROR, null), work).amountMilli())
                    .isEmpty();
            assertThat(value(Records.attempt("r", 1, "a", 0), work).amountMilli())
                    .isEmpty();
        }
        assertThat(value(Records.attempt("r", 1, "a", 200), PER_REQUEST)).isEqualTo(worth(1, null, Basis.NOTHING));
        assertThat(value(Records.attempt("r", 1, "a", 200), PER_TOKEN)).isEqualTo(worth(0, null, Basis.NOTHING));
    }

    @Test
    void a_count_that_no_body_can_hold_owes_nothing_and_is_flagged() {
        // the request has 86 bytes, the answer 76 and 25 ms beside its check's waiting, time for 101 tokens
        assertThat(value(priced(1, new Usage(344, 177, 521, 0)), PER_TOKEN))
                .isEqualTo(worth(1_052, 1_052L, Basis.REPORTED));
        assertThat(value(priced(1, new Usage(345, 1, 346, 0)), PER_TOKEN)).isEqualTo(doubted(Doubt.PROMPT_TOKENS));
        assertThat(value(priced(1, new Usage(1, 178, 179, 0)), PER_TOKEN)).isEqualTo(doubted(Doubt.COMPLETION_TOKENS));
        assertThat(value(priced(1, new Usage(1, 1, 522, 0)), PER_TOKEN)).isEqualTo(doubted(Doubt.TOTAL_TOKENS));
        assertThat(value(priced(1, new Usage(1, 1_000_000_000_000L, 1, 0)), PER_TOKEN))
                .isEqualTo(doubted(Doubt.COMPLETION_TOKENS));
        // where requests are counted the request is owed, whatever is claimed
        assertThat(value(priced(1, new Usage(1, 178, 179, 0)), PER_REQUEST))
                .isEqualTo(new Valuation(
                        1,
                        Optional.of(1L),
                        Basis.REQUEST,
                        Optional.of(Doubt.COMPLETION_TOKENS),
                        Optional.empty(),
                        false));
    }

    @ParameterizedTest
    @CsvSource({
        // seconds of the call, of these waiting for its check, completion tokens: whether that can be
        "10, 0, 40076, true",
        "10, 0, 40077, false",
        "10, 9, 4076, true",
        "10, 9, 4077, false",
        "10, 11, 77, false",
        "604800, 0, 131148, true",
        "604800, 0, 131149, false"
    })
    void thoughts_that_are_not_shown_take_their_time(long seconds, long held, long completion, boolean can) {
        AccessRecord call = Records.answered("r", new Usage(1, completion, completion + 1, 0))
                .lasting(seconds * 1_000_000, 1)
                .check(new GrantFacts("3.17-42", "3.16", 110, held * 1_000_000, "a 0", -1))
                .make();
        assertThat(value(call, PER_TOKEN).basis()).isEqualTo(can ? Basis.REPORTED : Basis.NOTHING);
    }

    @Test
    void what_a_pool_says_of_tokens_that_no_byte_shows_takes_the_place_of_the_bytes() {
        Work thinks = new Work.PerToken(0, 1, 100, Optional.empty(), Optional.of(500L));
        assertThat(value(priced(1, new Usage(1, 500, 501, 0)), thinks).amountMilli())
                .contains(500L);
        assertThat(value(priced(1, new Usage(1, 501, 502, 0)), thinks)).isEqualTo(doubted(Doubt.COMPLETION_TOKENS));
        Work pictures = new Work.PerToken(1, 0, 100, Optional.of(2_000L), Optional.empty());
        assertThat(value(priced(1, new Usage(2_000, 1, 2_001, 0)), pictures).amountMilli())
                .contains(2_000L);
        assertThat(value(priced(1, new Usage(2_001, 1, 2_002, 0)), pictures)).isEqualTo(doubted(Doubt.PROMPT_TOKENS));
    }

    @Test
    void without_usage_what_was_delivered_is_owed_by_its_size() {
        // a token is four bytes, or a piece of a stream
        assertThat(value(priced(10, null), PER_TOKEN))
                .isEqualTo(new Valuation(
                        22 + 4 * 19,
                        Optional.of(980L),
                        Basis.ESTIMATED,
                        Optional.empty(),
                        Optional.of(new Tokens(22, 19)),
                        false));
        assertThat(value(stream(null, new Content(9, 0, 0), "", true), PER_TOKEN)
                        .estimate())
                .contains(new Tokens(22, 9));
    }

    @Test
    void who_asks_without_a_body_for_what_was_made_before_owes_only_what_is_counted() {
        AccessRecord get = Records.answered("r", null)
                .asked("GET", "/v1/responses/1", "m", false)
                .make();
        assertThat(value(get, PER_TOKEN)).isEqualTo(worth(0, null, Basis.NOTHING));
    }

    @Test
    void a_cut_answer_owes_what_was_delivered() {
        for (String flags : new String[] {"DC", "UPE", "UMSDR", ""}) {
            assertThat(value(stream(null, new Content(9, 0, 0), flags, false), PER_TOKEN))
                    .isEqualTo(new Valuation(
                            58,
                            Optional.of(58L * 120),
                            Basis.ESTIMATED,
                            Optional.empty(),
                            Optional.of(new Tokens(22, 9)),
                            false));
        }
        // counts that come with the pieces are believed, up to the last piece
        Usage usage = new Usage(20, 9, 29, 0);
        assertThat(value(stream(usage, new Content(9, 9, 0), "DC", false), PER_TOKEN))
                .isEqualTo(worth(56, 56L * 120, Basis.REPORTED));
        assertThat(value(stream(usage, new Content(10, 9, 0), "DC", false), PER_TOKEN))
                .isEqualTo(worth(56, 56L * 120, Basis.REPORTED));
        // some count the prompt first, and the answer at its end
        assertThat(value(stream(new Usage(20, 1, 21, 0), new Content(30, 0, 0), "DC", false), PER_TOKEN)
                        .estimate())
                .contains(new Tokens(20, 31));
    }

    @Test
    void an_answer_of_which_nothing_was_delivered_owes_nothing() {
        AccessRecord cut = Records.answered("r", null)
                .flags("DC")
                .whole(false)
                .bytes(86, 0)
                .make();
        for (Work work : new Work[] {PER_REQUEST, PER_TOKEN}) {
            assertThat(value(cut, work).amountMilli()).isEmpty();
        }
    }

    @Test
    void where_requests_are_counted_who_leaves_owes_the_request_and_who_cuts_is_owed_none() {
        assertThat(value(stream(null, null, "DC", false), PER_REQUEST)).isEqualTo(worth(1, 120L, Basis.REQUEST));
        for (String flags : new String[] {"UPE", "UMSDR", "", "UC"}) {
            assertThat(value(stream(null, null, flags, false), PER_REQUEST)).isEqualTo(worth(1, null, Basis.NOTHING));
        }
    }

    @Test
    void an_amount_that_does_not_fit_is_left_out_and_said() {
        Work large = new Work.PerToken(1, 1, 100, Optional.of(Long.MAX_VALUE / 2), Optional.empty());
        assertThat(value(priced(1L << 53, new Usage(1_000_000_000_000L, 0, 1, 0)), large))
                .isEqualTo(new Valuation(
                        1e12, Optional.empty(), Basis.REPORTED, Optional.empty(), Optional.empty(), true));
        assertThat(value(priced(7, new Usage(Long.MAX_VALUE / 7, 0, 0, 0)), large)
                        .amountMilli())
                .contains(Long.MAX_VALUE / 7 * 7);
    }

    @Test
    void negative_tokens_are_none() {
        assertThat(value(priced(120, new Usage(-5, -5, -10, 0)), PER_TOKEN)).isEqualTo(worth(0, null, Basis.REPORTED));
    }

    private static AccessRecord priced(long price, @Nullable Usage usage) {
        return Records.answered("r", usage).price("3.17", price, 17).make();
    }

    private static AccessRecord stream(@Nullable Usage usage, @Nullable Content content, String flags, boolean whole) {
        return Records.answered("r", usage)
                .content(content)
                .flags(flags)
                .whole(whole)
                .make();
    }
}
