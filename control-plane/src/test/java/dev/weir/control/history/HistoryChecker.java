package dev.weir.control.history;

import dev.weir.control.history.RunHistory.Call;
import dev.weir.control.history.RunHistory.Served;
import dev.weir.control.ledger.Ledger.Row;
import dev.weir.control.model.Epoch;
import dev.weir.control.model.Work;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Compares what was written down with what agents and providers saw, call by call: each completed call is in the ledger
 * once, at the price of its header, worth price times usage, under a decision that is stored; each attempt at a provider
 * is there once; no provider ever had more in flight than its limit. Nothing is counted that is not also named.
 */
public final class HistoryChecker {
    /** What can be wrong. */
    public enum Fault {
        /** An agent had it whole, the ledger does not have it as completed. */
        MISSING_CALL,
        /** Several rows, or several answers with one id. */
        DOUBLE_CALL,
        /** The ledger has it as completed, no agent had it. */
        UNSEEN_CALL,
        /** A provider had it, the ledger does not. */
        MISSING_ATTEMPT,
        /** The ledger has it, no provider did. */
        UNSEEN_ATTEMPT,
        /** Header and ledger name different providers. */
        PROVIDER,
        /** Header and ledger have different prices. */
        PRICE,
        /** Agent and ledger counted different tokens. */
        TOKENS,
        /** Not price times work of the usage. */
        AMOUNT,
        /** Header and ledger have different ones, or no such decision is stored. */
        EPOCH,
        /** More in flight at a provider than its limit. */
        CONCURRENCY
    }

    /** One thing that is wrong, in words that name it. */
    public record Violation(Fault fault, String words) {}

    /**
     * What was written down.
     *
     * @param rows all of the ledger
     * @param decisions epochs of those stored
     */
    public record Books(List<Row> rows, Set<Epoch> decisions) {}

    private final Function<String, Work> works;
    private final Map<String, Integer> limits;

    /**
     * @param works how a pool counts
     * @param limits requests that a provider may have in flight; one that is not named has no limit
     */
    public HistoryChecker(Function<String, Work> works, Map<String, Integer> limits) {
        this.works = works;
        this.limits = Map.copyOf(limits);
    }

    /** Empty when everything holds. Records of sidecars before providers are not looked at. */
    public List<Violation> check(RunHistory history, Books books) {
        List<Violation> found = new ArrayList<>();
        calls(history, books, found);
        attempts(history, books, found);
        books.rows.forEach(row -> amount(row, found));
        limits.forEach((provider, limit) -> concurrency(provider, limit, history.served(), found));
        return found;
    }

    private static void calls(RunHistory history, Books books, List<Violation> found) {
        Map<String, List<Row>> rows = new HashMap<>();
        books.rows.stream()
                .filter(row -> row.record().identity().kind() == Kind.CALL)
                .forEach(row -> rows.computeIfAbsent(row.record().identity().requestId(), id -> new ArrayList<>())
                        .add(row));
        Map<Long, Long> newest = new TreeMap<>();
        books.decisions.forEach(epoch -> newest.merge(epoch.term(), epoch.sequence(), Math::max));
        Set<String> seen = new HashSet<>();
        for (Call call : history.calls()) {
            List<Row> own = rows.getOrDefault(call.requestId(), List.of());
            if (!seen.add(call.requestId()) || own.size() > 1) {
                found.add(new Violation(Fault.DOUBLE_CALL, call + ": " + own.size() + " rows"));
            } else if (call.completed()
                    && own.stream().noneMatch(row -> row.record().completed())) {
                found.add(new Violation(Fault.MISSING_CALL, call + ": " + own));
            }
            if (call.completed() && own.size() == 1) {
                agree(call, own.get(0).record(), found);
                epoch(call, newest, books.decisions, found);
            }
        }
        List<String> unseen = rows.values().stream()
                .flatMap(List::stream)
                .map(Row::record)
                .filter(record ->
                        record.completed() && !seen.contains(record.identity().requestId()))
                .map(AccessRecord::toString)
                .toList();
        // an agent that had no answer may still have been served: so many may be there, and no more
        unseen.stream()
                .skip(history.unansweredCalls())
                .forEach(words -> found.add(new Violation(Fault.UNSEEN_CALL, words)));
    }

    private static void agree(Call call, AccessRecord record, List<Violation> found) {
        if (!call.provider().equals(record.route().provider())) {
            found.add(new Violation(Fault.PROVIDER, call + ": " + record.route().provider()));
        }
        if (call.price() != record.route().price()) {
            found.add(new Violation(Fault.PRICE, call + ": " + record.route().price()));
        }
        if (!call.epoch().equals(record.route().epoch())) {
            found.add(new Violation(Fault.EPOCH, call + ": " + record.route().epoch()));
        }
        Usage usage = record.answer().usage();
        if (call.tokens() > 0 && (usage == null || usage.totalTokens() != call.tokens())) {
            found.add(new Violation(Fault.TOKENS, call + ": " + usage));
        }
    }

    /**
     * A decision is pushed while it is being stored, so the last ones of a process that was killed may have gone with it. They
     * are those beyond the newest stored one of a term that is not the last.
     */
    private static void epoch(Call call, Map<Long, Long> newest, Set<Epoch> stored, List<Violation> found) {
        if (call.epoch().isEmpty()) {
            found.add(new Violation(Fault.EPOCH, call + ": none"));
            return;
        }
        Epoch epoch = Epoch.parse(call.epoch());
        boolean ended = newest.keySet().stream().anyMatch(term -> term > epoch.term());
        boolean wentWithIt = ended && epoch.sequence() > newest.getOrDefault(epoch.term(), 0L);
        if (!stored.contains(epoch) && !wentWithIt) {
            found.add(new Violation(Fault.EPOCH, call + ": not stored"));
        }
    }

    private static void attempts(RunHistory history, Books books, List<Violation> found) {
        Map<String, Integer> rows = new HashMap<>();
        books.rows.stream()
                .map(Row::record)
                .filter(record -> record.identity().kind() == Kind.ATTEMPT
                        && !record.outcome().bounced()
                        && !record.route().provider().isEmpty())
                .forEach(record -> rows.merge(
                        key(
                                record.route().provider(),
                                record.identity().requestId(),
                                record.identity().attempt()),
                        1,
                        Integer::sum));
        Map<String, Integer> seen = new HashMap<>();
        history.served()
                .forEach(attempt ->
                        seen.merge(key(attempt.provider(), attempt.requestId(), attempt.attempt()), 1, Integer::sum));
        seen.forEach((key, count) -> {
            if (rows.getOrDefault(key, 0) < count) {
                found.add(new Violation(Fault.MISSING_ATTEMPT, key + ": " + count + " at the provider"));
            }
        });
        rows.forEach((key, count) -> {
            if (seen.getOrDefault(key, 0) < count) {
                found.add(new Violation(Fault.UNSEEN_ATTEMPT, key + ": " + count + " rows"));
            }
        });
    }

    private static String key(String provider, String requestId, int attempt) {
        return requestId + " attempt " + attempt + " at " + provider;
    }

    private void amount(Row row, List<Violation> found) {
        AccessRecord record = row.record();
        Optional<Long> expected = Optional.empty();
        Work work = works.apply(record.route().pool());
        if (record.identity().kind() == Kind.CALL
                && record.route().price() >= 0
                && (record.completed() || left(record, work))) {
            BigDecimal units = units(work, record.answer().usage());
            expected = Optional.of(
                            units.multiply(BigDecimal.valueOf(record.route().price()))
                                    .setScale(0, RoundingMode.HALF_EVEN)
                                    .longValueExact())
                    .filter(amount -> units.signum() > 0);
        }
        if (!row.amountMilli().equals(expected)) {
            found.add(new Violation(Fault.AMOUNT, record + ": " + row.amountMilli() + ", expected " + expected));
        }
    }

    /** Where requests are counted, an agent that leaves once the answer has begun owes one. */
    private static boolean left(AccessRecord record, Work work) {
        boolean good = record.outcome().status() >= 200
                && record.outcome().status() < 300
                && !record.outcome().failed();
        return work instanceof Work.PerRequest
                && good
                && !record.route().provider().isEmpty()
                && record.outcome().flags().contains("DC")
                && record.answer().bytesSent() > 0;
    }

    private static BigDecimal units(Work work, @org.jspecify.annotations.Nullable Usage usage) {
        if (work instanceof Work.PerToken perToken) {
            return usage == null
                    ? BigDecimal.ZERO
                    : BigDecimal.valueOf(usage.promptTokens())
                            .multiply(BigDecimal.valueOf(perToken.perPromptToken()))
                            .add(BigDecimal.valueOf(usage.completionTokens())
                                    .multiply(BigDecimal.valueOf(perToken.perCompletionToken())));
        }
        return BigDecimal.ONE;
    }

    private record Step(long atNanos, int change) {}

    private static void concurrency(String provider, int limit, List<Served> served, List<Violation> found) {
        List<Step> steps = new ArrayList<>();
        for (Served attempt : served) {
            if (attempt.provider().equals(provider)) {
                steps.add(new Step(attempt.fromNanos(), 1));
                steps.add(new Step(attempt.toNanos(), -1));
            }
        }
        steps.sort(Comparator.comparingLong(Step::atNanos).thenComparingInt(Step::change));
        int inFlight = 0;
        int most = 0;
        long at = 0;
        for (Step step : steps) {
            inFlight += step.change;
            if (inFlight > most) {
                most = inFlight;
                at = step.atNanos;
            }
        }
        if (most > limit) {
            found.add(new Violation(
                    Fault.CONCURRENCY, provider + ": " + most + " in flight at " + at + " ns (limit " + limit + ")"));
        }
    }
}
