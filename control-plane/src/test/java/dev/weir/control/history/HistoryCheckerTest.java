package dev.weir.control.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.history.HistoryChecker.Books;
import dev.weir.control.history.HistoryChecker.Fault;
import dev.weir.control.history.HistoryChecker.Violation;
import dev.weir.control.history.RunHistory.Call;
import dev.weir.control.history.RunHistory.Served;
import dev.weir.control.ledger.Ledger.Row;
import dev.weir.control.ledger.Valuation;
import dev.weir.control.model.Epoch;
import dev.weir.control.model.Work;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import dev.weir.xds.testing.RecordMaker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each kind of fault is put into a history that holds, and found, by itself. */
final class HistoryCheckerTest {
    private static final Call CALL = new Call("r1", 200, true, 18, "a", 120, "3.17");
    private static final long WORTH = 120 * (11 + 2 * 7);

    private final RunHistory history = new RunHistory();
    private final List<Row> rows = new ArrayList<>();
    private Set<Epoch> decisions = Set.of(new Epoch(3, 17), new Epoch(3, 18));

    private List<Violation> check() {
        return check(new Work.PerToken(1, 2, 100));
    }

    private List<Violation> check(Work work) {
        return new HistoryChecker(pool -> work, Map.of("a", 1)).check(history, new Books(rows, decisions));
    }

    private static Row row(Kind kind, String id, String provider, long price, String epoch, long amount) {
        return row(kind, id, provider, price, epoch, "", Optional.of(amount));
    }

    private static Row row(
            Kind kind, String id, String provider, long price, String epoch, String flags, Optional<Long> amount) {
        boolean call = kind == Kind.CALL;
        AccessRecord record = RecordMaker.record(kind, id, 1)
                .sidecar("sidecar-1")
                .start(1_000)
                .lasting(10, 5)
                .provider(provider)
                .price(epoch, price, 1)
                .ended(200, "", flags)
                .usage(call ? new Usage(11, 7, 18, 0) : null)
                .make();
        return new Row(record, valued(25, call ? amount : Optional.empty()), true);
    }

    private static Valuation valued(double work, Optional<Long> amount) {
        return new Valuation(work, amount, Valuation.Basis.REPORTED, Optional.empty(), Optional.empty(), false);
    }

    private static Row call() {
        return row(Kind.CALL, "r1", "a", 120, "3.17", WORTH);
    }

    private static Row attempt() {
        return row(Kind.ATTEMPT, "r1", "a", 120, "3.17", 0);
    }

    private void whole() {
        history.call(CALL);
        history.served(new Served("a", "r1", 1, 10, 20));
        rows.add(call());
        rows.add(attempt());
    }

    @Test
    void what_holds_has_no_violations() {
        whole();
        history.served(new Served("a", "r2", 1, 20, 30)); // begins as the one before ends
        rows.add(row(Kind.ATTEMPT, "r2", "a", 120, "3.17", 0));
        history.call(new Call("r3", 429, true, 0, "", -1, ""));
        assertThat(check()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void each_fault_is_found(Fault fault) {
        whole();
        switch (fault) {
            case MISSING_CALL -> rows.remove(0);
            case DOUBLE_CALL -> rows.add(call());
            case UNSEEN_CALL -> rows.add(row(Kind.CALL, "r9", "a", 120, "3.17", WORTH));
            case MISSING_ATTEMPT -> rows.remove(1);
            case UNSEEN_ATTEMPT -> rows.add(row(Kind.ATTEMPT, "r1", "b", 120, "3.17", 0));
            case PROVIDER -> rows.set(0, row(Kind.CALL, "r1", "b", 120, "3.17", WORTH));
            case PRICE -> rows.set(0, row(Kind.CALL, "r1", "a", 121, "3.17", 121 * 25));
            case TOKENS -> {
                history.call(new Call("r2", 200, true, 19, "a", 120, "3.17"));
                rows.add(row(Kind.CALL, "r2", "a", 120, "3.17", WORTH));
            }
            case AMOUNT -> rows.set(0, row(Kind.CALL, "r1", "a", 120, "3.17", WORTH - 1));
            case EPOCH -> rows.set(0, row(Kind.CALL, "r1", "a", 120, "3.18", WORTH));
            case CONCURRENCY -> {
                history.served(new Served("a", "r2", 1, 19, 30));
                rows.add(row(Kind.ATTEMPT, "r2", "a", 120, "3.17", 0));
            }
        }
        assertThat(check()).extracting(Violation::fault).containsExactly(fault);
    }

    @Test
    void an_answer_with_an_id_that_another_had_is_found() {
        whole();
        history.call(CALL);
        assertThat(check()).extracting(Violation::fault).containsExactly(Fault.DOUBLE_CALL);
    }

    @Test
    void a_call_without_an_answer_may_have_been_served_and_no_more_than_one_for_each() {
        whole();
        history.unanswered();
        rows.add(row(Kind.CALL, "r8", "a", 120, "3.17", WORTH));
        assertThat(check()).isEmpty();
        rows.add(row(Kind.CALL, "r9", "a", 120, "3.17", WORTH));
        assertThat(check()).extracting(Violation::fault).containsExactly(Fault.UNSEEN_CALL);
    }

    @Test
    void an_amount_where_nothing_is_owed_is_found() {
        whole();
        rows.set(1, new Row(attempt().record(), valued(0, Optional.of(5L)), true));
        assertThat(check()).extracting(Violation::fault).containsExactly(Fault.AMOUNT);
    }

    @Test
    void a_decision_that_is_not_stored_went_with_a_killed_process_or_is_found() {
        whole();
        decisions = Set.of(new Epoch(3, 16), new Epoch(4, 1));
        assertThat(check()).as("beyond the last of an ended term").isEmpty();
        decisions = Set.of(new Epoch(3, 16), new Epoch(3, 18), new Epoch(4, 1));
        assertThat(check()).as("a hole").extracting(Violation::fault).containsExactly(Fault.EPOCH);
        decisions = Set.of(new Epoch(3, 16));
        assertThat(check())
                .as("the term that runs")
                .extracting(Violation::fault)
                .containsExactly(Fault.EPOCH);
    }

    @Test
    void an_agent_that_leaves_owes_a_request_where_requests_are_counted_and_no_tokens_by_that() {
        whole();
        Work requests = new Work.PerRequest();
        Work tokens = new Work.PerToken(1, 2, 100);
        history.unanswered();
        rows.set(0, row(Kind.CALL, "r1", "a", 120, "3.17", "", Optional.of(120L)));
        rows.add(row(Kind.CALL, "r7", "a", 120, "3.17", "DC", Optional.of(120L)));
        assertThat(check(requests)).isEmpty();
        rows.set(0, call());
        assertThat(check(tokens)).extracting(Violation::fault).containsExactly(Fault.AMOUNT);
        rows.set(2, row(Kind.CALL, "r7", "a", 120, "3.17", "DC", Optional.empty()));
        assertThat(check(tokens)).isEmpty();
        rows.set(0, row(Kind.CALL, "r1", "a", 120, "3.17", "", Optional.of(120L)));
        assertThat(check(requests)).extracting(Violation::fault).containsExactly(Fault.AMOUNT);
        rows.set(2, row(Kind.CALL, "r7", "a", 120, "3.17", "UC", Optional.of(120L)));
        assertThat(check(requests))
                .as("a provider that broke off is owed nothing")
                .extracting(Violation::fault)
                .containsExactly(Fault.AMOUNT);
    }
}
