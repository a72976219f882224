package dev.weir.control.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.weir.control.ledger.Valuation.Basis;
import dev.weir.control.model.Failpoints;
import dev.weir.control.model.Failpoints.Point;
import dev.weir.control.model.Work;
import dev.weir.control.store.Database;
import dev.weir.control.usage.Doubt;
import dev.weir.control.usage.Estimates.Tokens;
import dev.weir.xds.bounds.ByteBudget;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Content;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import dev.weir.xds.telemetry.FileRecords.Chunk;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What records may rely on, whatever database they are in. */
abstract class LedgerContract {
    static final Usage USAGE = new Usage(11, 7, 18, 3);

    Database database;
    SqlLedger ledger;

    private final List<Ledger.Row> fromFiles = new CopyOnWriteArrayList<>();
    private final List<String> flags = new CopyOnWriteArrayList<>();

    /** The one of this test, as often as it is closed. */
    abstract Database database();

    @BeforeEach
    void open() {
        open(SqlLedger.QUEUE);
    }

    private void open(int queue) {
        database = database();
        ledger = ledger(fromFiles::addAll, (record, flag) -> flags.add(flag), queue, Failpoints.NONE);
    }

    private SqlLedger ledger(LedgerListener listener, FlagListener flagged, Failpoints failpoints) {
        return ledger(listener, flagged, SqlLedger.QUEUE, failpoints);
    }

    private SqlLedger ledger(LedgerListener listener, FlagListener flagged, int queue, Failpoints failpoints) {
        return new SqlLedger(
                database,
                this::work,
                (record, mayWait) -> record.route().epoch().equals("9.9") ? Optional.of(Doubt.EPOCH) : Optional.empty(),
                listener,
                flagged,
                ByteBudget.ofHeap().account(1),
                queue,
                failpoints);
    }

    private Optional<Work> work(String pool) {
        return switch (pool) {
            case "chat" -> Optional.of(new Work.PerRequest());
            case "tokens" -> Optional.of(new Work.PerToken(1, 1, 100));
            case "large" -> Optional.of(new Work.PerToken(0, 1, 1, Optional.of(Long.MAX_VALUE / 3), Optional.empty()));
            default -> Optional.empty();
        };
    }

    /** Of a pool that counts tokens; 86 bytes came, 76 went. */
    private static AccessRecord counted(String id, String epoch, @Nullable Usage usage, @Nullable Content content) {
        return counted("tokens", id, epoch, usage, content);
    }

    private static AccessRecord counted(
            String pool, String id, String epoch, @Nullable Usage usage, @Nullable Content content) {
        return Records.answered(id, usage)
                .pool(pool)
                .price(epoch, 120, 17)
                .content(content)
                .make();
    }

    @Test
    void what_cannot_be_is_stored_and_flagged_and_in_no_sum() {
        AccessRecord liar = counted("r1", "3.17", new Usage(5, 1_000_000_000_000L, 7, 0), null);
        for (int i = 0; i < 2; i++) {
            ledger.offer(List.of(liar));
            ledger.flush();
            deliver(0, liar);
        }
        Ledger.Row row = ledger.call("r1").orElseThrow();
        assertThat(row.record()).isEqualTo(liar);
        assertThat(row.fromFile()).isTrue();
        assertThat(row.value().doubt()).contains(Doubt.COMPLETION_TOKENS);
        assertThat(row.amountMilli()).isEmpty();
        assertThat(row.work()).isZero();
        assertThat(ledger.totals().totalTokens()).isZero();
        assertThat(flags).containsExactly("completion_tokens");
    }

    @Test
    void estimates_are_stored_as_such_and_by_what_was_learnt_before_the_process_began() {
        for (int i = 0; i < 5; i++) {
            ledger.offer(List.of(counted("r" + i, "3.17", new Usage(43, 30, 73, 0), new Content(10, 10, 0))));
        }
        ledger.flush();
        reopen(SqlLedger.QUEUE);
        AccessRecord silent = counted("s", "3.17", null, new Content(20, 0, 0));
        ledger.offer(List.of(silent));
        ledger.flush();
        for (boolean fromFile : List.of(false, true)) {
            Ledger.Row row = ledger.call("s").orElseThrow();
            assertThat(row.fromFile()).isEqualTo(fromFile);
            assertThat(row.value().basis()).isEqualTo(Basis.ESTIMATED);
            assertThat(row.value().estimate()).contains(new Tokens(43, 60));
            assertThat(row.amountMilli()).contains(103L * 120);
            assertThat(ledger.totals().totalTokens()).isEqualTo(5 * 73 + 103);
            deliver(0, silent);
        }
        assertThat(flags).containsExactly("estimated");
    }

    @Test
    void what_was_never_published_is_stored_and_goes_no_further() {
        AccessRecord forged = counted("r1", "9.9", new Usage(5, 5, 10, 0), null);
        deliver(0, forged, counted("r2", "3.17", new Usage(5, 5, 10, 0), null));
        ledger.close(); // after its listeners have heard
        assertThat(ledger.call("r1").orElseThrow().value().doubt()).contains(Doubt.EPOCH);
        assertThat(ledger.call("r1").orElseThrow().amountMilli()).isEmpty();
        assertThat(ledger.call("r2").orElseThrow().amountMilli()).contains(1_200L);
        assertThat(fromFiles).containsExactly(ledger.call("r2").orElseThrow());
        assertThat(flags).containsExactly("epoch");
    }

    @AfterEach
    void close() {
        ledger.close();
        database.close();
    }

    private void reopen(int queue) {
        close();
        open(queue);
    }

    long deliver(long offset, AccessRecord... records) {
        return ledger.files().accept(Records.chunk("sidecar-1", "f-1", offset, records));
    }

    private long deliver(long offset, String lines) {
        return ledger.files().accept(new Chunk("sidecar-1", "f-1", offset, ByteString.copyFromUtf8(lines)));
    }

    @Test
    void an_error_in_the_ledgers_thread_is_told_and_nobody_waits_for_it() {
        Chunk chunk = Records.chunk("sidecar-2", "f-1", 0, Records.call("r9", "a", 200, USAGE));
        assertThat(thrownBy(() -> {
                    try (SqlLedger broken = ledger(rows -> {}, (record, flag) -> {}, point -> {
                        if (point == Point.RECORDS_COMMITTED) {
                            throw new NoClassDefFoundError("gone");
                        }
                    })) {
                        assertThatThrownBy(() -> broken.files().accept(chunk)).isInstanceOf(RuntimeException.class);
                    }
                }))
                .isInstanceOf(NoClassDefFoundError.class);
    }

    @Test
    void an_error_in_a_listener_is_told_and_what_is_stored_is_acknowledged() {
        AccessRecord call = Records.call("r9", "a", 200, USAGE);
        assertThat(thrownBy(() -> {
                    try (SqlLedger broken = ledger(
                            rows -> {
                                throw new NoClassDefFoundError("gone");
                            },
                            (record, flag) -> {},
                            Failpoints.NONE)) {
                        assertThat(broken.files().accept(Records.chunk("sidecar-2", "f-1", 0, call)))
                                .isEqualTo(Records.line(call).length());
                    }
                }))
                .isInstanceOf(NoClassDefFoundError.class);
    }

    @Test
    void listeners_that_throw_cost_no_line_and_no_other_listener_and_are_counted() {
        AccessRecord liar = counted("r1", "3.17", new Usage(5, 1_000_000_000_000L, 7, 0), null);
        AccessRecord other = Records.call("r2", "a", 200, USAGE);
        SqlLedger deaf = ledger(
                rows -> {
                    throw new IllegalStateException("deaf");
                },
                (record, flag) -> {
                    throw new IllegalStateException("deaf too");
                },
                Failpoints.NONE);
        try (deaf) {
            assertThat(deaf.files().accept(Records.chunk("sidecar-1", "f-1", 0, liar)))
                    .isEqualTo(Records.line(liar).length());
            assertThat(deaf.files().accept(Records.chunk("sidecar-2", "f-1", 0, other)))
                    .isEqualTo(Records.line(other).length());
        }
        assertThat(deaf.counts().untold()).as("two chunks and a flag").isEqualTo(3);
        assertThat(deaf.counts().failures()).isZero();
        assertThat(deaf.counts().inserted()).isEqualTo(2);
        assertThat(ledger.call("r1")).isPresent();
        assertThat(ledger.call("r2")).isPresent();
    }

    /** What ended a thread of those that {@code work} began. */
    private static Throwable thrownBy(Runnable work) {
        List<Throwable> told = new CopyOnWriteArrayList<>();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> told.add(thrown));
        try {
            work.run();
            Awaitility.await().dontCatchUncaughtExceptions().until(() -> !told.isEmpty());
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
        assertThat(told).hasSize(1);
        return told.get(0);
    }

    @Test
    void a_fresh_call_is_stored_whole() {
        AccessRecord record = Records.call("r1", "a", 200, USAGE);
        ledger.offer(List.of(record));
        ledger.flush();
        assertThat(ledger.call("r1"))
                .contains(new Ledger.Row(
                        record,
                        new Valuation(
                                1,
                                Optional.of(120L),
                                Valuation.Basis.REQUEST,
                                Optional.empty(),
                                Optional.empty(),
                                false),
                        false));
        assertThat(ledger.call("r2")).isEmpty();
    }

    @Test
    void a_call_and_its_attempts_are_rows_of_their_own() {
        AccessRecord first = Records.attempt("r1", 1, "a", 0);
        AccessRecord second = Records.attempt("r1", 2, "b", 200);
        AccessRecord call = Records.record(Kind.CALL, "r1", 2, "b", 200, USAGE, Records.START);
        ledger.offer(List.of(second, call, first));
        ledger.flush();
        assertThat(ledger.attempts("r1")).extracting(Ledger.Row::record).containsExactly(first, second);
        assertThat(ledger.attempts("r1")).allMatch(row -> row.amountMilli().isEmpty());
        assertThat(ledger.call("r1").orElseThrow().record()).isEqualTo(call);
        assertThat(ledger.totals())
                .isEqualTo(new Ledger.Totals(1, 2, 18, Map.of("b", 1L), Map.of("a", 1L, "b", 1L), Map.of()));
    }

    @Test
    void an_attempt_that_a_side_refused_is_no_attempt_at_its_provider() {
        AccessRecord refused = Records.attempt("r1", 1, "a", 503);
        ledger.offer(List.of(refused, Records.attempt("r1", 2, "b", 200)));
        ledger.flush();
        assertThat(ledger.attempts("r1").get(0).record().outcome().bounced()).isTrue();
        Ledger.Totals totals = new Ledger.Totals(0, 2, 0, Map.of(), Map.of("b", 1L), Map.of("a", 1L));
        assertThat(ledger.totals()).isEqualTo(totals);
        deliver(0, refused);
        assertThat(ledger.totals()).isEqualTo(totals);
    }

    @Test
    void a_call_that_says_it_was_an_error_is_not_completed_and_owes_nothing() {
        AccessRecord error = Records.call("r1", "a", Records.ERROR, USAGE);
        ledger.offer(List.of(error));
        ledger.flush();
        Ledger.Totals totals = new Ledger.Totals(1, 0, 18, Map.of(), Map.of(), Map.of());
        for (boolean fromFile : List.of(false, true)) {
            Ledger.Row row = ledger.call("r1").orElseThrow();
            assertThat(row.record()).isEqualTo(error);
            assertThat(row.record().outcome().failed()).isTrue();
            assertThat(row.amountMilli()).isEmpty();
            assertThat(row.fromFile()).isEqualTo(fromFile);
            assertThat(ledger.totals()).isEqualTo(totals);
            deliver(0, error);
        }
    }

    @Test
    void the_file_after_the_stream_completes_and_never_doubles() {
        ledger.offer(List.of(Records.call("r1", "a", 200, null), Records.attempt("r1", 1, "a", 200)));
        ledger.flush();
        AccessRecord truth = Records.call("r1", "b", 200, USAGE);
        deliver(0, truth, Records.attempt("r1", 1, "b", 200));
        Ledger.Row row = ledger.call("r1").orElseThrow();
        assertThat(row.record()).isEqualTo(truth);
        assertThat(row.fromFile()).isTrue();
        assertThat(ledger.totals()).isEqualTo(new Ledger.Totals(1, 1, 18, Map.of("b", 1L), Map.of("b", 1L), Map.of()));
        assertThat(ledger.counts().replaced()).isEqualTo(2);
    }

    @Test
    void the_stream_after_the_file_changes_nothing() {
        AccessRecord truth = Records.call("r1", "b", 200, USAGE);
        deliver(0, truth);
        ledger.offer(List.of(Records.call("r1", "a", 500, null)));
        ledger.flush();
        assertThat(ledger.call("r1").orElseThrow().record()).isEqualTo(truth);
        assertThat(ledger.totals()).isEqualTo(new Ledger.Totals(1, 0, 18, Map.of("b", 1L), Map.of(), Map.of()));
        assertThat(ledger.counts().duplicates()).isEqualTo(1);
    }

    @Test
    void copies_in_one_batch_are_one_row() {
        AccessRecord record = Records.call("r1", "a", 200, USAGE);
        ledger.offer(List.of(record, record, record));
        ledger.offer(List.of(record));
        ledger.flush();
        assertThat(ledger.totals().calls()).isEqualTo(1);
        assertThat(ledger.counts().duplicates()).isEqualTo(3);
    }

    @Test
    void the_same_request_at_another_sidecar_is_another_row() {
        ledger.files().accept(Records.chunk("outer", "f", 0, Records.call("r", "a", 200, null)));
        ledger.files()
                .accept(Records.chunk(
                        "inner", "f", 0, Records.record(Kind.CALL, "r", 1, "a", 200, null, Records.START + 5)));
        assertThat(ledger.totals().calls()).isEqualTo(2);
        assertThat(ledger.call("r").orElseThrow().record().identity().sidecar()).isEqualTo("outer");
    }

    @Test
    void a_chunk_is_stored_once_and_its_position_with_it() {
        AccessRecord record = Records.call("r1", "a", 200, USAGE);
        long length = Records.line(record).length();
        assertThat(ledger.files().position("sidecar-1", "f-1")).isZero();
        assertThat(deliver(0, record)).isEqualTo(length);
        assertThat(deliver(0, record)).isEqualTo(length);
        assertThat(ledger.files().position("sidecar-1", "f-1")).isEqualTo(length);
        assertThat(ledger.totals().calls()).isEqualTo(1);
        Ledger.Row row = ledger.call("r1").orElseThrow();
        reopen(SqlLedger.QUEUE);
        assertThat(fromFiles).as("told of what was stored, once").containsExactly(row);
        assertThat(ledger.files().position("sidecar-1", "f-1")).isEqualTo(length);
        assertThat(ledger.files().position("sidecar-1", "f-2")).isZero();
        assertThat(ledger.files().position("sidecar-2", "f-1")).isZero();
    }

    @Test
    void a_chunk_that_starts_elsewhere_is_answered_with_where_to_go_on() {
        AccessRecord record = Records.call("r1", "a", 200, USAGE);
        assertThat(deliver(5, record)).isZero();
        assertThat(ledger.totals().calls()).isZero();
        long length = deliver(0, record);
        assertThat(deliver(length + 1, Records.call("r2", "a", 200, USAGE))).isEqualTo(length);
        assertThat(ledger.call("r2")).isEmpty();
    }

    @Test
    void bad_lines_are_counted_and_never_stop_a_file() {
        String good = Records.line(Records.call("r1", "a", 200, USAGE));
        String lines = "\n{\"type\":\n" + good + "\u0000\uffff garbage\n" + good.substring(0, 80) + "\n"
                + good.replace("r1", "r2");
        long end = ByteString.copyFromUtf8(lines).size();
        assertThat(deliver(0, lines)).isEqualTo(end);
        assertThat(ledger.totals().calls()).isEqualTo(2);
        assertThat(ledger.counts().rejectedLines()).isEqualTo(4);
        List<String> stored = database.read(h -> h.createQuery("SELECT accepted || ' ' || rejected FROM log_file")
                .mapTo(String.class)
                .list());
        assertThat(stored).containsExactly("2 4");
    }

    @Test
    void an_unfinished_last_line_waits() {
        String good = Records.line(Records.call("r1", "a", 200, USAGE));
        assertThat(deliver(0, good + good.substring(0, 40))).isEqualTo(good.length());
        assertThat(deliver(good.length(), good.substring(0, 40))).isEqualTo(good.length());
        assertThat(ledger.counts().rejectedLines()).isZero();
    }

    @Test
    void names_that_cannot_be_are_refused() {
        assertThatThrownBy(() -> ledger.files().accept(new Chunk("", "f", 0, ByteString.EMPTY)))
                .hasMessage("sidecar: \"\" (expected: 1-256 printable ASCII characters)");
        assertThatThrownBy(() -> ledger.files().accept(new Chunk("s", "f\n", 0, ByteString.EMPTY)))
                .hasMessageContaining("file_id");
        assertThatThrownBy(() -> ledger.files().accept(new Chunk("s", "f", -1, ByteString.EMPTY)))
                .hasMessageContaining("offset: -1");
    }

    @Test
    void fresh_copies_beyond_the_queue_are_dropped_and_counted_and_the_file_brings_them_again() throws Exception {
        reopen(10);
        List<AccessRecord> records = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            records.add(Records.call("r" + i, "a", 200, USAGE));
        }
        ledger.offer(records);
        ledger.flush();
        assertThat(ledger.totals().calls()).isEqualTo(10);
        assertThat(ledger.counts().dropped()).isEqualTo(40);
        deliver(0, records.toArray(AccessRecord[]::new));
        assertThat(ledger.totals().calls()).isEqualTo(50);
        assertThat(ledger.totals().callsByProvider()).isEqualTo(Map.of("a", 50L));
    }

    @Test
    void what_was_offered_is_written_before_closing() {
        for (int i = 0; i < 5_000; i++) {
            ledger.offer(List.of(Records.call("r" + i, "a", 200, USAGE)));
        }
        reopen(SqlLedger.QUEUE);
        assertThat(ledger.totals())
                .isEqualTo(new Ledger.Totals(5_000, 0, 90_000, Map.of("a", 5_000L), Map.of(), Map.of()));
    }

    @Test
    void the_newest_calls_come_first() {
        List<AccessRecord> records = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            records.add(Records.record(Kind.CALL, "r" + i, 1, "a", 200, null, Records.START + i * 7 % 20));
        }
        ledger.offer(records);
        ledger.offer(List.of(Records.attempt("r3", 1, "a", 200)));
        ledger.flush();
        assertThat(ledger.calls(5))
                .extracting(row -> row.record().timing().startMicros() - Records.START)
                .containsExactly(19L, 18L, 17L, 16L, 15L);
        assertThat(ledger.calls(1_000))
                .hasSize(20)
                .allMatch(row -> row.record().identity().kind() == Kind.CALL);
        assertThatThrownBy(() -> ledger.calls(0)).hasMessage("limit: 0 (expected: 1-1000)");
        assertThatThrownBy(() -> ledger.calls(1_001)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void absurd_token_counts_cannot_break_the_sums() {
        for (int i = 0; i < 6; i++) {
            ledger.offer(List.of(counted("large", "r" + i, "3.17", new Usage(0, 0, Long.MAX_VALUE / 4, 0), null)));
            ledger.flush();
        }
        assertThat(ledger.totals().totalTokens()).isGreaterThan(Long.MAX_VALUE / 4);
        assertThat(ledger.totals().calls()).isEqualTo(6);
    }

    @Test
    void calls_are_unconfirmed_from_a_minute_after_their_end_for_an_hour_or_until_the_file_brings_them() {
        AccessRecord call = Records.call("r1", "a", 200, USAGE);
        ledger.offer(List.of(call, Records.attempt("r1", 1, "a", 200)));
        ledger.flush();
        long end = (call.timing().startMicros() + call.timing().durationMicros()) / 1_000;
        assertThat(ledger.unconfirmed(end + 59_000)).isZero();
        assertThat(ledger.unconfirmed(end + 61_000)).isEqualTo(1);
        assertThat(ledger.unconfirmed(end + 3_601_000)).isZero();
        deliver(0, call);
        assertThat(ledger.unconfirmed(end + 61_000)).isZero();
    }
}
