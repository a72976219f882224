package dev.weir.control.demo;

import dev.weir.control.testbed.DeclaredCapacity;
import dev.weir.control.testbed.Fleet;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Whether the demo showed what it promises; each miss names the figure, its value and what was expected. */
final class Verdict {
    /** The share must be back within this of the former. */
    private static final double BACK = 0.2;

    private static final long REACTION_MILLIS = 2000;

    /** Mean wait while the provider is slow, as a part of the baseline's. */
    private static final double WAIT_RATIO = 0.2;

    private static final double MAX_WAIT_MILLIS = 4000;
    /** Share of the calls that may be answered later than two seconds after the last call was sent. */
    private static final double LATE_SHARE = 0.01;

    private static final double ATTEMPTS_PER_CALL = 1.1;

    private final List<String> misses = new ArrayList<>();

    private Verdict() {}

    /**
     * @param figures of water-filling
     * @param baseline of wrr, where it was played
     * @param capacity as the control plane has it
     */
    static List<String> misses(Figures figures, Optional<Figures> baseline, List<DeclaredCapacity> capacity) {
        Verdict verdict = new Verdict();
        Figures.Traffic traffic = figures.traffic();
        Figures.Records records = figures.records();
        verdict.zero("failed", traffic.failed());
        verdict.zero("missingRecords", records.missing());
        verdict.zero("extraRecords", records.extra());
        verdict.zero("missingHeaders", traffic.missingHeaders());
        verdict.zero("nacks", figures.nacks());
        verdict.expect(
                records.tokensInLedger() == records.tokensAtProviders(),
                "tokens.ledger",
                records.tokensInLedger(),
                "tokens.providers, " + records.tokensAtProviders());
        verdict.expect(
                capacity.size() == Fleet.PROVIDERS.size() && capacity.stream().allMatch(DeclaredCapacity::onChain),
                "capacity",
                capacity,
                "as declared, each with its block");
        verdict.expect(
                traffic.reactionMillis().isPresent() && traffic.reactionMillis().getAsLong() <= REACTION_MILLIS,
                "reactionMillis",
                traffic.reactionMillis().isPresent() ? traffic.reactionMillis().getAsLong() : "never",
                "at most " + REACTION_MILLIS);
        verdict.expect(
                Math.abs(traffic.shareBack() - 1) <= BACK,
                "share of " + Fleet.LARGEST + " after its recovery",
                String.format(Locale.ROOT, "%.2f of the former", traffic.shareBack()),
                "within a fifth");
        baseline.ifPresent(other -> {
            double slow = traffic.meanWaitWhileSlow().orElse(Double.NaN);
            double limit = WAIT_RATIO * other.traffic().meanWaitWhileSlow().orElse(Double.NaN);
            verdict.expect(
                    slow <= limit,
                    "waitMillis.meanWhileSlow",
                    String.format(Locale.ROOT, "%.1f", slow),
                    String.format(Locale.ROOT, "at most a fifth of wrr's, %.1f", limit));
        });
        return List.copyOf(verdict.misses);
    }

    /** With more demand than capacity: queues end, those turned away know when to come back, and nothing is tried for ever. */
    static List<String> overloadMisses(Figures figures) {
        Verdict verdict = new Verdict();
        Figures.Traffic traffic = figures.traffic();
        verdict.zero("failed", traffic.failed());
        verdict.expect(
                traffic.unfinished() <= LATE_SHARE * traffic.offered(),
                "unfinished",
                traffic.unfinished(),
                "at most one in a hundred: the last calls may still wait");
        verdict.expect(traffic.refused() > 0, "refused", traffic.refused(), "some, as nobody can serve all");
        verdict.zero("refused without retry-after-ms", traffic.withoutWait());
        verdict.expect(
                traffic.p99Wait() <= MAX_WAIT_MILLIS,
                "waitMillis.p99",
                String.format(Locale.ROOT, "%.0f", traffic.p99Wait()),
                "at most twice bounce.maxWait, " + MAX_WAIT_MILLIS);
        double perCall = figures.records().attemptsPerCall();
        verdict.expect(
                perCall <= ATTEMPTS_PER_CALL,
                "attempts at providers per call",
                String.format(Locale.ROOT, "%.2f", perCall),
                "at most " + ATTEMPTS_PER_CALL);
        return List.copyOf(verdict.misses);
    }

    private void zero(String name, long value) {
        expect(value == 0, name, value, "0");
    }

    private void expect(boolean held, String name, Object value, String expectation) {
        if (!held) {
            misses.add(name + ": " + value + " (expected: " + expectation + ")");
        }
    }
}
