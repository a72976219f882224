package dev.weir.control.envoy;

import dev.weir.control.model.Pool;
import dev.weir.weights.Proposal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the sidecars draw a pool's provider from: the decided weights of those members that can be called, in the order of
 * the configuration, summing to exactly {@link Proposal#TOTAL_WEIGHT}.
 *
 * <p>A decision may be older than the configuration and the addresses. A member that it does not know, or that has no
 * address, gets nothing, and the others share what is left in their decided proportions. A standby has at least 1, because
 * Envoy never retries on a weight of 0. Empty when nobody can be called: Envoy refuses a list that sums to 0.
 */
final class Shares {
    private Shares() {}

    record Share(String provider, int weight) {}

    /** @param callable providers that have an address and can be reached as the configuration says */
    static List<Share> of(Pool pool, Proposal decided, Set<String> callable) {
        Optional<Proposal.PoolProposal> proposed = decided.pool(pool.name());
        List<Share> shares = new ArrayList<>();
        for (Pool.Member member : pool.members()) {
            String provider = member.provider();
            Optional<Proposal.Member> known = proposed.flatMap(each -> each.member(provider));
            if (known.isPresent() && callable.contains(provider)) {
                boolean waits = member.standby() && !closed(decided, provider);
                shares.add(new Share(provider, Math.max(known.get().weight(), waits ? 1 : 0)));
            }
        }
        return scaled(shares);
    }

    private static boolean closed(Proposal decided, String provider) {
        return decided.provider(provider)
                .filter(state -> !state.status().takesTraffic())
                .isPresent();
    }

    /** Shares in whole numbers, by largest remainder; ties go to the earlier one. */
    private static List<Share> scaled(List<Share> shares) {
        long sum = shares.stream().mapToLong(Share::weight).sum();
        if (sum == 0) {
            return List.of();
        }
        if (sum == Proposal.TOTAL_WEIGHT) {
            return List.copyOf(shares);
        }
        int[] weights = new int[shares.size()];
        long[] rest = new long[shares.size()];
        long missing = Proposal.TOTAL_WEIGHT;
        for (int i = 0; i < weights.length; i++) {
            long exact = (long) shares.get(i).weight() * Proposal.TOTAL_WEIGHT;
            weights[i] = (int) (exact / sum);
            rest[i] = exact % sum;
            // what is a retry target stays one
            if (weights[i] == 0 && exact > 0) {
                weights[i] = 1;
                rest[i] = 0;
            }
            missing -= weights[i];
        }
        for (; missing != 0; missing -= Long.signum(missing)) {
            int at = 0;
            for (int i = 1; i < weights.length; i++) {
                if (missing > 0 ? rest[i] > rest[at] : weights[i] > weights[at]) {
                    at = i;
                }
            }
            weights[at] += Long.signum(missing);
            rest[at] = -1;
        }
        List<Share> out = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            out.add(new Share(shares.get(i).provider(), weights[i]));
        }
        return List.copyOf(out);
    }
}
