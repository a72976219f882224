package dev.weir.control.demo;

import dev.weir.control.demo.load.CallResult;
import dev.weir.control.demo.provider.AttemptSeen;
import dev.weir.control.ledger.Ledger;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
        Map<String, Set<String>> seen = new HashMap<>();
        attempts.forEach((provider, list) ->
                list.forEach(attempt -> seen.computeIfAbsent(attempt.requestId(), id -> new HashSet<>())
                        .add(attempt.attempt() + " " + provider)));
        long made = attempts.values().stream().mapToLong(List::size).sum();
        long attemptsFound = 0;
        for (Map.Entry<String, Set<String>> call : seen.entrySet()) {
            attemptsFound += ledger.attempts(call.getKey()).stream()
                    .filter(row -> call.getValue()
                            .contains(
                                    row.record().attempt() + " " + row.record().provider()))
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
                made - attemptsFound + (answered.size() - callsFound),
                attemptRows - attemptsFound + (sum(totals.callsByProvider()) - callsFound),
                tokens,
                totals.totalTokens());
    }

    private static long sum(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .filter(entry -> !entry.getKey().isEmpty())
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}
