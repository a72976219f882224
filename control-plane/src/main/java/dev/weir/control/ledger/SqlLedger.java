package dev.weir.control.ledger;

import dev.weir.control.model.Failpoints;
import dev.weir.control.model.Work;
import dev.weir.control.store.Database;
import dev.weir.control.usage.Doubt;
import dev.weir.control.usage.Estimates;
import dev.weir.xds.bounds.ByteBudget;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import dev.weir.xds.telemetry.FileRecords;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ledger in the database. */
public final class SqlLedger implements Ledger {
    /** Fresh copies that may wait for the database; more are dropped, the file brings them again. */
    public static final int QUEUE = 16_384;

    private static final Logger log = LoggerFactory.getLogger(SqlLedger.class);
    private static final int CALLS_LIMIT = 1_000;
    private static final long UNCONFIRMED_FROM_MILLIS = 3_600_000;
    private static final long UNCONFIRMED_UNTIL_MILLIS = 60_000;
    private static final int UNCONFIRMED_LIMIT = 10_000;

    private final Database database;
    private final Function<String, Optional<Work>> works;
    private final Counters counters = new Counters();
    private final LedgerWriter writer;
    private final FileRecords files;
    private final Vetting vetting;
    private final Estimates estimates = new Estimates();

    /**
     * Counts since the start.
     *
     * @param inserted rows new
     * @param replaced rows of the stream that the file's record replaced
     * @param duplicates copies that changed nothing
     * @param dropped fresh copies not stored: the queue was full or the database failed
     * @param rejectedLines lines of files that hold no record
     * @param overflows amounts too large for 63 bits, left out
     * @param failures transactions that failed
     * @param untold how often a listener threw, or a listener of flags
     * @param waiting fresh copies that wait now
     */
    public record Counts(
            long inserted,
            long replaced,
            long duplicates,
            long dropped,
            long rejectedLines,
            long overflows,
            long failures,
            long untold,
            int waiting) {}

    /**
     * Starts the writer's thread. The database stays the caller's to close, after this.
     *
     * @param works how a pool counts work, by its name, in the configuration in force; empty = there is no such pool. Called
     *     from any thread
     * @param vetting says what was never published
     * @param listener told of what files brought
     * @param flags told of what is not as providers say
     * @param room what fresh copies that wait may take of memory
     * @param failpoints {@link Failpoints#NONE} outside tests
     */
    public SqlLedger(
            Database database,
            Function<String, Optional<Work>> works,
            Vetting vetting,
            LedgerListener listener,
            FlagListener flags,
            ByteBudget.Account room,
            Failpoints failpoints) {
        this(database, works, vetting, listener, flags, room, QUEUE, failpoints);
    }

    /** A ledger that takes all for published, tells nobody of flags, and has room of its own. */
    public SqlLedger(Database database, Function<String, Optional<Work>> works, LedgerListener listener) {
        this(
                database,
                works,
                (record, mayWait) -> Optional.empty(),
                listener,
                (record, flag) -> {},
                ByteBudget.ofHeap().account(1),
                Failpoints.NONE);
    }

    SqlLedger(
            Database database,
            Function<String, Optional<Work>> works,
            Vetting vetting,
            LedgerListener listener,
            FlagListener flags,
            ByteBudget.Account room,
            int queue,
            Failpoints failpoints) {
        this.vetting = vetting;
        this.database = database;
        this.works = works;
        learnAnew();
        this.writer = new LedgerWriter(database, counters, listener, flags, queue, room, failpoints);
        this.files = new SqlFileRecords(database, writer, record -> value(record, true));
    }

    /** Where the lines of the sidecars' file logs go. */
    public FileRecords files() {
        return files;
    }

    @Override
    public void offer(List<AccessRecord> records) {
        writer.offer(records.stream()
                .map(record -> new Entry(record, value(record, false), Entry.Origin.STREAM))
                .toList());
    }

    @Override
    public List<Row> calls(int limit) {
        if (limit < 1 || limit > CALLS_LIMIT) {
            throw new IllegalArgumentException("limit: " + limit + " (expected: 1-" + CALLS_LIMIT + ")");
        }
        return database.read(handle -> LedgerQueries.calls(handle, limit));
    }

    @Override
    public Optional<Row> call(String requestId) {
        return database.read(handle -> LedgerQueries.call(handle, requestId));
    }

    @Override
    public List<Row> attempts(String requestId) {
        return database.read(handle -> LedgerQueries.attempts(handle, requestId));
    }

    @Override
    public Totals totals() {
        return database.read(TotalTable::read);
    }

    /**
     * Calls that ended 60 s ago or earlier and came over the stream, while their sidecar's file did not bring them. Of the last
     * hour, at most 10 000 of them.
     *
     * @param wallMillis now, since 1970
     */
    public long unconfirmed(long wallMillis) {
        return database.read(handle -> LedgerQueries.unconfirmed(
                handle,
                (wallMillis - UNCONFIRMED_FROM_MILLIS) * 1_000,
                (wallMillis - UNCONFIRMED_UNTIL_MILLIS) * 1_000,
                UNCONFIRMED_LIMIT));
    }

    public Counts counts() {
        return new Counts(
                counters.inserted.sum(),
                counters.replaced.sum(),
                counters.duplicates.sum(),
                counters.dropped.sum(),
                counters.rejectedLines.sum(),
                counters.overflows.sum(),
                counters.failures.sum(),
                counters.untold.sum(),
                writer.waiting());
    }

    @Override
    public void flush() {
        writer.flush();
    }

    @Override
    public void close() {
        writer.close();
    }

    private Valuation value(AccessRecord record, boolean mayWait) {
        Optional<Doubt> forged = vetting.doubt(record, mayWait);
        if (forged.isPresent()) {
            return Valuation.forged(forged.get());
        }
        Valuation value =
                Valuation.of(record, works.apply(record.route().pool()).orElse(null), estimates);
        learn(record, value);
        if (value.overflow()) {
            counters.overflows.increment();
            log.error(
                    "call {}: price {} x work {} (expected: an amount below 2^63); the amount is left out",
                    record.identity().requestId(),
                    record.route().price(),
                    value.work());
        }
        return value;
    }

    /** Learns again what was learnt before the process began. */
    private void learnAnew() {
        try {
            database.read(handle -> LedgerQueries.calls(handle, CALLS_LIMIT))
                    .forEach(row -> learn(row.record(), row.value()));
        } catch (RuntimeException e) {
            if (!database.full()) {
                throw e;
            }
            log.error("nothing is learnt from earlier calls: {}", e.getMessage());
        }
    }

    private void learn(AccessRecord record, Valuation value) {
        Usage usage = record.answer().usage();
        if (value.basis() == Valuation.Basis.REPORTED && record.completed() && usage != null) {
            estimates.learn(record, usage);
        }
    }
}
