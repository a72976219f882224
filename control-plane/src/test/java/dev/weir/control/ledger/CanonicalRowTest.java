package dev.weir.control.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.ledger.Ledger.Row;
import dev.weir.control.usage.Doubt;
import dev.weir.control.usage.Estimates.Tokens;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Content;
import dev.weir.xds.telemetry.AccessRecord.GrantFacts;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import dev.weir.xds.testing.RecordMaker;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class CanonicalRowTest {
    private static final Valuation OWED =
            new Valuation(1, Optional.of(120L), Valuation.Basis.REQUEST, Optional.empty(), Optional.empty(), false);

    private static final AccessRecord CALL = Records.call("r1", "a", 200, new Usage(11, 7, 18, 0));

    private static String digest(AccessRecord record) {
        return CanonicalRow.digest(new Row(record, OWED, true));
    }

    /** What others have signed or written down is of these bytes. */
    @Test
    void version_1_does_not_change() {
        assertThat(digest(CALL)).isEqualTo("9658b2c825975fa5f63f2354d9f012bb340353f8fbef0cdd5e7209b326c979bc");
    }

    @Test
    void columns_come_by_name_with_their_type_and_those_without_a_value_leave_nothing() {
        AccessRecord attempt = Records.attempt("r1", 1, "a", 200);
        byte[] bytes = CanonicalRow.bytes(new Row(
                attempt,
                new Valuation(.5, Optional.empty(), Valuation.Basis.NOTHING, Optional.empty(), Optional.empty(), false),
                true));
        assertThat(bytes).startsWith(1, 7, 'a', 't', 't', 'e', 'm', 'p', 't', 1, 0, 0, 0, 0, 0, 0, 0, 1, 5, 'b');
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        assertThat(text)
                .contains("\u0005basis\u0002\u0000\u0000\u0000\u0007nothing")
                .endsWith("\u0004work\u0004?\u00e0\u0000\u0000\u0000\u0000\u0000\u0000")
                .doesNotContain("amount_milli", "total_tokens", "reservation", "from_file");
    }

    @Test
    void which_way_a_row_came_is_no_part_of_it() {
        assertThat(CanonicalRow.digest(new Row(CALL, OWED, false))).isEqualTo(digest(CALL));
    }

    @Test
    void whatever_differs_the_digest_does() {
        List<AccessRecord> records = List.of(
                CALL,
                change().sidecar("sidecar-2").make(),
                change().start(1).make(),
                change().lasting(1, 1).make(),
                change().pool("other").make(),
                change().provider("b").make(),
                change().price("3.18", 120, 17).make(),
                change().price("3.17", 121, 17).make(),
                change().price("3.17", 120, 18).make(),
                change().status(201).make(),
                change().whole(false).make(),
                change().asked("POST", "/v1/completions", "m", true).make(),
                change().asked("POST", "/v1/chat/completions", "n", true).make(),
                change().usage(null).make(),
                change().usage(new Usage(11, 7, 18, 1)).make(),
                change().check(null).make(),
                change().check(new GrantFacts("3.17-43", "3.16", 110, 1_500, "b 0, a 12", -1))
                        .make(),
                change().content(new Content(3, 2, 1)).make(),
                Records.call("r2", "a", 200, new Usage(11, 7, 18, 0)),
                Records.attempt("r1", 1, "a", 200));
        Set<String> digests = new HashSet<>();
        records.forEach(record -> digests.add(digest(record)));
        List<Valuation> values = List.of(
                new Valuation(2, Optional.of(120L), Valuation.Basis.REQUEST, Optional.empty(), Optional.empty(), false),
                new Valuation(1, Optional.of(121L), Valuation.Basis.REQUEST, Optional.empty(), Optional.empty(), false),
                new Valuation(1, Optional.empty(), Valuation.Basis.REQUEST, Optional.empty(), Optional.empty(), false),
                new Valuation(
                        1, Optional.of(120L), Valuation.Basis.REPORTED, Optional.empty(), Optional.empty(), false),
                new Valuation(
                        1,
                        Optional.of(120L),
                        Valuation.Basis.REQUEST,
                        Optional.of(Doubt.PROMPT_TOKENS),
                        Optional.empty(),
                        false),
                new Valuation(
                        1,
                        Optional.of(120L),
                        Valuation.Basis.REQUEST,
                        Optional.empty(),
                        Optional.of(new Tokens(1, 2)),
                        false));
        values.forEach(value -> digests.add(CanonicalRow.digest(new Row(CALL, value, true))));
        assertThat(digests).hasSize(records.size() + values.size());
    }

    /** Two texts side by side cannot be taken for two others. */
    @Test
    void where_a_text_ends_is_told() {
        assertThat(digest(change().asked("PO", "ST/v1", "m", true).make()))
                .isNotEqualTo(digest(change().asked("POST", "/v1", "m", true).make()));
    }

    private static RecordMaker change() {
        return RecordMaker.like(CALL);
    }
}
