package dev.weir.weights.bounce;

import dev.weir.weights.Observation;
import dev.weir.weights.Observation.MemberInput;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Observation.ProviderInput;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.ProviderState;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Each tick's limits of all provider sides, from what the tick saw and thought. The limits of one side subtract each other's
 * requests in flight, because each of its two clusters counts its own: together they stay within what one would allow.
 *
 * <p>Rests where nothing is measured: no load reports, nothing declared, numbers that are none.
 */
public final class LimitRule {
    private static final long STALE_NANOS = 6_000_000_000L;

    /**
     * Part of what is declared that the end of a queue counts on, however little is trusted: trust falls within seconds, by
     * mistake too, and what is shed is lost, while what waits too long is only late.
     */
    private static final double MIN_TRUST = 0.25;

    /** Of a guess in a file that may be wrong by far, not more than so many times what is trusted. */
    private static final double MAX_DISTRUST = 4;

    private final Observation seen;
    private final Proposal thought;
    private final Map<String, Long> inFlight = new HashMap<>();
    private final Map<String, Double> work = new HashMap<>();
    private final Map<String, Double> levels = new HashMap<>();

    /**
     * @param margin see {@link BounceLimit#first}
     * @param maxWaitSeconds likewise
     */
    public record Terms(double margin, double maxWaitSeconds) {}

    private LimitRule(Observation seen, Proposal thought) {
        this.seen = seen;
        this.thought = thought;
        count(seen);
        for (PoolInput pool : seen.pools()) {
            double level = level(pool);
            pool.members().forEach(member -> levels.merge(member.provider(), level, Math::max));
        }
    }

    /**
     * By provider, for those in {@code terms}.
     *
     * @param seen of this tick
     * @param thought of this tick
     * @param counts what sides say; missing = nothing
     */
    public static Map<String, SideLimits> limits(
            Observation seen, Proposal thought, Map<String, Terms> terms, Map<String, SideCounts> counts) {
        LimitRule rule = new LimitRule(seen, thought);
        Map<String, SideLimits> limits = new TreeMap<>();
        terms.forEach((provider, each) ->
                limits.put(provider, rule.limit(provider, each, counts.getOrDefault(provider, SideCounts.NONE))));
        return limits;
    }

    private SideLimits limit(String provider, Terms terms, SideCounts counts) {
        ProviderInput input = seen.provider(provider).orElse(null);
        ProviderState state = thought.provider(provider).orElse(null);
        if (input == null || state == null) {
            return SideLimits.resting(1, 0, 0);
        }
        int slots = Math.max(1, state.slots());
        double each = work.getOrDefault(provider, 1.0);
        double rate = state.trustedCapacity() / each;
        boolean fresh = input.telemetryAgeNanos() >= 0 && input.telemetryAgeNanos() <= STALE_NANOS;
        double claimed = input.declaredCapacity() > 0 ? input.declaredCapacity() / each : rate;
        SideLimits resting = SideLimits.resting(slots, claimed, terms.maxWaitSeconds());
        if (!fresh || !(rate > 0) || Double.isInfinite(rate)) {
            return resting;
        }
        double level = levels.getOrDefault(provider, 0.0);
        SideCounts there = counts.within(inFlight.getOrDefault(provider, 0L));
        double first = BounceLimit.first(slots, rate, level, terms.margin(), terms.maxWaitSeconds());
        double least = MIN_TRUST * claimed;
        if (input.mostCapacity() > input.declaredCapacity()) {
            least = Math.min(least, MAX_DISTRUST * rate);
        }
        double further = BounceLimit.further(slots, Math.max(rate, least), terms.maxWaitSeconds());
        return new SideLimits(
                SideLimits.rounded(first - there.further()),
                SideLimits.rounded(further - there.first()),
                resting.most(),
                level);
    }

    /** Requests in flight per provider, and the mean work of one there: of what is in flight, else of what may come. */
    private void count(Observation seen) {
        Map<String, double[]> sums = new HashMap<>();
        for (PoolInput pool : seen.pools()) {
            double each = pool.workPerRequest() > 0 ? pool.workPerRequest() : 1;
            for (MemberInput member : pool.members()) {
                long now = Math.max(0, member.inFlight());
                inFlight.merge(member.provider(), now, Long::sum);
                double[] sum = sums.computeIfAbsent(member.provider(), p -> new double[4]);
                sum[0] += now * each;
                sum[1] += now;
                sum[2] += each;
                sum[3]++;
            }
        }
        sums.forEach((provider, sum) -> work.put(provider, sum[1] > 0 ? sum[0] / sum[1] : sum[2] / sum[3]));
    }

    private double level(PoolInput pool) {
        double queued = 0;
        double capacity = 0;
        for (MemberInput member : pool.members()) {
            ProviderState state = thought.provider(member.provider()).orElse(null);
            if (state == null || seen.provider(member.provider()).isEmpty() || member.retryOnly() || !serves(state)) {
                continue;
            }
            long waiting = inFlight.getOrDefault(member.provider(), 0L) - state.slots();
            queued += work.getOrDefault(member.provider(), 1.0) * waiting;
            capacity += state.trustedCapacity();
        }
        return BounceLimit.levelSeconds(queued, capacity);
    }

    private static boolean serves(ProviderState state) {
        return state.status().serves() && state.trustedCapacity() > 0 && !Double.isInfinite(state.trustedCapacity());
    }
}
