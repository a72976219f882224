package dev.weir.control.demo;

import dev.weir.control.ledger.Ledger;
import dev.weir.control.ledger.SqlLedger;
import dev.weir.control.model.Work;
import dev.weir.control.store.Database;
import dev.weir.control.store.SqliteDatabase;
import dev.weir.control.testbed.AwaitChildren;
import dev.weir.control.testbed.load.CallResult;
import dev.weir.control.testbed.provider.DemoProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads the ledger of a mesh beside its control plane, as any other process may. */
final class LedgerReader implements AutoCloseable {
    private static final Duration WRITTEN = Duration.ofSeconds(20);

    private final Database database;
    private final SqlLedger ledger;

    LedgerReader(Path file) {
        this.database = SqliteDatabase.open(file);
        this.ledger = new SqlLedger(database, pool -> Optional.of(new Work.PerRequest()), records -> {});
    }

    /**
     * Waits until the ledger holds as much as providers and callers counted, or for 20 s, and compares.
     *
     * @param tokens of the answers that the providers gave
     */
    Figures.Records reconcile(Performance.Outcome outcome, long tokens, AwaitChildren waiting) {
        long attempts =
                outcome.attempts().values().stream().mapToLong(List::size).sum();
        long calls = outcome.calls().stream().filter(CallResult::answered).count();
        waiting.untilOr(WRITTEN, () -> {
            Ledger.Totals totals = ledger.totals();
            return sum(totals.attemptsByProvider()) >= attempts
                    && sum(totals.callsByProvider()) >= calls
                    && totals.totalTokens() >= tokens;
        });
        return Reconciliation.of(ledger, outcome.attempts(), outcome.calls(), tokens);
    }

    Ledger.Totals totals() {
        return ledger.totals();
    }

    /** One call's row, when it is written. */
    Ledger.Row row(String requestId, AwaitChildren waiting) {
        return waiting.until("the ledger's row of call " + requestId, WRITTEN, () -> ledger.call(requestId));
    }

    static long tokens(List<DemoProvider> providers) {
        return providers.stream()
                .mapToLong(provider -> provider.counts().tokens())
                .sum();
    }

    private static long sum(java.util.Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public void close() {
        ledger.close();
        database.close();
    }
}
