package dev.weir.control.loop;

import dev.weir.control.threads.OneThread;
import dev.weir.weights.Observation.MemberInput;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Demand of pools whose requests are checked, counted where it is asked for: what was shed is in it, and what sidecars
 * issued, which they report later, counts for nothing while checks come.
 *
 * <p>Belongs to the loop's thread: on any other its methods throw {@link IllegalStateException}.
 */
final class CheckedDemand {
    /** How long sidecars' own counts are left aside after a check. */
    static final long CURRENT_NANOS = 10_000_000_000L;

    private final OneThread thread;
    private final Map<String, Long> checks = new HashMap<>();
    private final Map<String, Long> heardNanos = new HashMap<>();

    CheckedDemand(OneThread thread) {
        this.thread = thread;
    }

    void add(Map<String, Long> counts) {
        thread.check();
        counts.forEach((pool, count) -> checks.merge(pool, count, Long::sum));
    }

    /** {@code members} with first attempts that sum to the pool's checks; as they are where there are no checks. */
    List<MemberInput> demand(String pool, List<MemberInput> members, long nowNanos) {
        thread.check();
        Long counted = checks.remove(pool);
        if (counted != null && counted > 0) {
            heardNanos.put(pool, nowNanos);
        }
        Long heard = heardNanos.get(pool);
        if (heard == null || nowNanos - heard > CURRENT_NANOS || members.isEmpty()) {
            return members;
        }
        return spread(members, counted == null ? 0 : counted);
    }

    /** Forgets a pool's checks, as they tell nothing of its demand: only few of its requests have one. */
    void forget(String pool) {
        thread.check();
        checks.remove(pool);
        heardNanos.remove(pool);
    }

    /** Forgets pools that no longer exist. */
    void retainPools(Set<String> pools) {
        thread.check();
        checks.keySet().retainAll(pools);
        heardNanos.keySet().retainAll(pools);
    }

    /** Spreads checks over the members in proportion to what they were issued; the rest goes to the first. */
    private static List<MemberInput> spread(List<MemberInput> members, long total) {
        long issued = members.stream().mapToLong(MemberInput::firstAttempts).sum();
        List<MemberInput> out = new ArrayList<>();
        long left = total;
        for (int i = members.size() - 1; i >= 0; i--) {
            MemberInput in = members.get(i);
            long own = i == 0 ? left : issued == 0 ? 0 : Math.min(left, total * in.firstAttempts() / issued);
            left -= own;
            out.add(
                    0,
                    new MemberInput(
                            in.provider(),
                            in.inFlight(),
                            own,
                            in.completions(),
                            in.failures(),
                            in.retryOnly(),
                            in.refusal(),
                            in.answerSeconds(),
                            in.answerSquares(),
                            in.flowing(),
                            in.unheard()));
        }
        return out;
    }
}
