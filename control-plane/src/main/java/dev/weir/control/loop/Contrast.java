package dev.weir.control.loop;

import dev.weir.control.loop.CompletionCounts.Counts;
import dev.weir.control.threads.OneThread;
import dev.weir.weights.estimate.DecayedRate;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Tells a provider's own refusals from its agents' mistakes, per (pool, provider), by what the pool's other members did with
 * the calls of the same time: an attempt that is tried again elsewhere is one of these.
 *
 * <p>Of a member's ends since its last completion, each is weighed by the chance that it would have been one,
 *
 * <pre>
 *   others = sum ends x C_o / (C_o + E_o + 1)    C_o completions, E_o other ends of the other members since then
 *   own    = sum ends x q                        q the share that it completed before, over some 200 ends
 *   time   = r x seconds since the first of them r completions per second before, over some 10 s</pre>
 *
 * and it is kept away from when all three have reached 14: were it as able as before and as the others, it would have shown
 * no completion in {@code e^-14} of such times. {@code others} forgives what is absent everywhere, {@code own} and {@code time}
 * an agent that provokes refusals at one provider while others are served there. {@code time} is waited for no longer than 20 s,
 * as an idle night leaves no rate, and 60 s where most of the ends are failures, as the calls that will complete may be long
 * ones; and where nothing was ever completed there is no past to be measured by: 2 s, and 30 s.
 *
 * <p>One completion clears it. The only member of a pool has nobody to be compared with and is never kept away from.
 *
 * <p>Belongs to the loop's thread: on any other its methods throw {@link IllegalStateException}.
 */
final class Contrast {
    private static final double THRESHOLD = 14;
    private static final double SHARE_ENDS = 200;
    private static final double RATE_SECONDS = 10;
    private static final double FIRST_REFUSALS_SECONDS = 2;
    private static final double FIRST_FAILURES_SECONDS = 30;
    private static final double REFUSALS_SECONDS = 20;
    private static final double FAILURES_SECONDS = 60;

    private final OneThread thread;
    private final Map<String, Map<String, Track>> pools = new HashMap<>();

    Contrast(OneThread thread) {
        this.thread = thread;
    }

    /**
     * @param proven refusals that are the provider's fault: those since its last completion when it is found out, then
     *     each as it comes
     * @param refusal status with which it refuses what others complete, 0 = it does not
     */
    record Verdict(long proven, int refusal) {}

    /**
     * One tick of a pool.
     *
     * @param counts of every member
     * @param dt seconds since the tick before
     */
    Map<String, Verdict> judge(String pool, Map<String, Counts> counts, double dt) {
        thread.check();
        Map<String, Track> tracks = pools.computeIfAbsent(pool, name -> new HashMap<>());
        tracks.keySet().retainAll(counts.keySet());
        long completions = 0;
        long others = 0;
        for (Counts each : counts.values()) {
            completions += each.completions();
            others += each.failures() + each.refusals();
        }
        Map<String, Verdict> verdicts = new HashMap<>();
        for (Map.Entry<String, Counts> entry : counts.entrySet()) {
            Counts own = entry.getValue();
            Track track = tracks.computeIfAbsent(entry.getKey(), name -> new Track());
            track.othersCompleted += completions - own.completions();
            track.othersElse += others - own.failures() - own.refusals();
            verdicts.put(entry.getKey(), track.judge(own, dt));
        }
        return verdicts;
    }

    /** Forgets pools that no longer exist. */
    void retainPools(Set<String> names) {
        thread.check();
        pools.keySet().retainAll(names);
    }

    private static final class Track {
        private final DecayedRate rate = new DecayedRate(RATE_SECONDS);
        private double shareCompleted;
        private double shareEnds;
        private long refusals;
        private long failures;
        private double silentSeconds;
        private double othersCompleted;
        private double othersElse;
        private int refusal;

        Verdict judge(Counts counts, double dt) {
            if (counts.completions() > 0) {
                completed(counts, dt);
                return new Verdict(0, 0);
            }
            if (refusals + failures > 0) {
                silentSeconds += dt;
            } else {
                rate.add(0, dt);
            }
            if (refusals + failures == 0 && counts.refusals() + counts.failures() == 0) {
                forgetOthers();
                return new Verdict(0, 0);
            }
            refusals += counts.refusals();
            failures += counts.failures();
            boolean known = refusal > 0;
            if (!known && !refuses()) {
                return new Verdict(0, 0);
            }
            refusal = counts.lastStatus() > 0 ? counts.lastStatus() : refusal;
            return new Verdict(known ? counts.refusals() : refusals, refusal);
        }

        private boolean refuses() {
            double ends = (double) (refusals + failures);
            double others = ends * othersCompleted / (othersCompleted + othersElse + 1);
            double own = shareEnds > 0 ? ends * shareCompleted / shareEnds : ends;
            boolean past = shareEnds > 0;
            double longest = refusals > failures
                    ? (past ? REFUSALS_SECONDS : FIRST_REFUSALS_SECONDS)
                    : (past ? FAILURES_SECONDS : FIRST_FAILURES_SECONDS);
            double time = silentSeconds * Math.max(past ? rate.perSecond() : 0, THRESHOLD / longest);
            return Math.min(others, Math.min(own, time)) >= THRESHOLD;
        }

        private void completed(Counts counts, double dt) {
            double ends = (double) (counts.completions() + counts.refusals() + counts.failures() + refusals + failures);
            double keep = Math.exp(-ends / SHARE_ENDS);
            shareCompleted = shareCompleted * keep + (double) counts.completions();
            shareEnds = shareEnds * keep + ends;
            rate.add((double) counts.completions(), silentSeconds + dt);
            refusals = 0;
            failures = 0;
            silentSeconds = 0;
            refusal = 0;
            forgetOthers();
        }

        private void forgetOthers() {
            othersCompleted = 0;
            othersElse = 0;
        }
    }
}
