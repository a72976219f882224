package dev.weir.control.demo;

import dev.weir.control.ledger.Ledger;
import dev.weir.control.testbed.load.CallResult;
import dev.weir.control.testbed.provider.AttemptSeen;
import java.util.List;
import java.util.Map;

/** Compares the ledger, row by row, with what providers and callers saw themselves. */
final class Reconciliation {
    private Reconciliation() {}

    /**
     * @param attempts per provider: every attempt that it saw
     * @param calls every call that ended
     * @param tokens of the answers that the providers gave
     */
    static Figures.Records of(
            Ledger ledger, Map<String, List<AttemptSeen>> attempts, List<CallResult> calls, long tokens) {
        long made = 0;
        long attemptsFound = 0;
        for (Map.Entry<String, List<AttemptSeen>> provider : attempts.entrySet()) {
            made += provider.getValue().size();
            attemptsFound += provider.getValue().stream()
                    .filter(seen -> isRecorded(ledger, provider.getKey(), seen))
                    .count();
        }
        List<CallResult> answered = calls.stream().filter(CallResult::answered).toList();
        long callsFound = answered.stream()
                .filter(call -> ledger.call(call.headers().requestId())
                        .filter(row -> row.record().completed())
                        .isPresent())
                .count();
        Ledger.Totals totals = ledger.totals();
        long attemptRows = sum(totals.attemptsByProvider());
        return new Figures.Records(
                made,
                attemptRows,
                sum(totals.bouncedByProvider()),
                made - attemptsFound + (answered.size() - callsFound),
                attemptRows - attemptsFound + (sum(totals.callsByProvider()) - callsFound),
                tokens,
                totals.totalTokens(),
                calls.size());
    }

    private static boolean isRecorded(Ledger ledger, String provider, AttemptSeen seen) {
        return ledger.attempts(seen.requestId()).stream()
                .anyMatch(row -> row.record().identity().attempt() == seen.attempt()
                        && row.record().route().provider().equals(provider));
    }

    private static long sum(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .filter(entry -> !entry.getKey().isEmpty())
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}
