package dev.weir.weights;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Names to indices: {@code T} pools, {@code E} members in pool order, {@code K} providers. Made anew when the names change. */
final class Topology {
    /** {@code T} names. */
    final String[] poolIds;
    /** {@code T + 1}; pool t's members are {@code poolStart[t] .. poolStart[t + 1] - 1}. */
    final int[] poolStart;
    /** {@code E} provider names. */
    final String[] memberIds;
    /** {@code E}: index of the provider; 0 where it is not usable. */
    final int[] provider;
    /** {@code E}: false for a member that names no known provider or one that the pool has already. */
    final boolean[] usable;
    /** {@code K} names. */
    final String[] providerIds;
    /** {@code K}: providers that share pools, directly or over others, have the same number. */
    final int[] component;

    private Topology(
            String[] poolIds,
            int[] poolStart,
            String[] memberIds,
            int[] provider,
            boolean[] usable,
            String[] providerIds,
            int[] component) {
        this.poolIds = poolIds;
        this.poolStart = poolStart;
        this.memberIds = memberIds;
        this.provider = provider;
        this.usable = usable;
        this.providerIds = providerIds;
        this.component = component;
    }

    static Topology of(Observation observation) {
        List<Observation.PoolInput> pools = observation.pools();
        List<Observation.ProviderInput> providers = observation.providers();
        Map<String, Integer> index = new HashMap<>();
        String[] providerIds = new String[providers.size()];
        for (int k = 0; k < providerIds.length; k++) {
            providerIds[k] = providers.get(k).id();
            index.putIfAbsent(providerIds[k], k);
        }
        String[] poolIds = new String[pools.size()];
        int[] poolStart = new int[poolIds.length + 1];
        for (int t = 0; t < poolIds.length; t++) {
            poolIds[t] = pools.get(t).id();
            poolStart[t + 1] = poolStart[t] + pools.get(t).members().size();
        }
        int members = poolStart[poolIds.length];
        String[] memberIds = new String[members];
        int[] provider = new int[members];
        boolean[] usable = new boolean[members];
        int[] parent = new int[providerIds.length];
        for (int k = 0; k < parent.length; k++) {
            parent[k] = k;
        }
        for (int t = 0; t < poolIds.length; t++) {
            Set<String> seen = new HashSet<>();
            int first = -1;
            for (int e = poolStart[t]; e < poolStart[t + 1]; e++) {
                memberIds[e] = pools.get(t).members().get(e - poolStart[t]).provider();
                Integer k = index.get(memberIds[e]);
                if (k == null || !seen.add(memberIds[e])) {
                    continue;
                }
                provider[e] = k;
                usable[e] = true;
                first = first < 0 ? k : first;
                parent[root(parent, k)] = root(parent, first);
            }
        }
        int[] component = new int[parent.length];
        for (int k = 0; k < parent.length; k++) {
            component[k] = root(parent, k);
        }
        return new Topology(poolIds, poolStart, memberIds, provider, usable, providerIds, component);
    }

    private static int root(int[] parent, int from) {
        int node = from;
        while (parent[node] != node) {
            parent[node] = parent[parent[node]];
            node = parent[node];
        }
        return node;
    }

    /** Whether the observation has the same names in the same order. */
    boolean matches(Observation observation) {
        List<Observation.PoolInput> pools = observation.pools();
        if (pools.size() != poolIds.length || observation.providers().size() != providerIds.length) {
            return false;
        }
        for (int k = 0; k < providerIds.length; k++) {
            if (!providerIds[k].equals(observation.providers().get(k).id())) {
                return false;
            }
        }
        for (int t = 0; t < poolIds.length; t++) {
            List<Observation.MemberInput> members = pools.get(t).members();
            if (!poolIds[t].equals(pools.get(t).id()) || members.size() != poolStart[t + 1] - poolStart[t]) {
                return false;
            }
            for (int i = 0; i < members.size(); i++) {
                if (!memberIds[poolStart[t] + i].equals(members.get(i).provider())) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Whether a released proposal has the same pools and members in the same order. */
    boolean matches(Proposal released) {
        if (released.pools().size() != poolIds.length) {
            return false;
        }
        for (int t = 0; t < poolIds.length; t++) {
            Proposal.PoolProposal pool = released.pools().get(t);
            if (!poolIds[t].equals(pool.id()) || pool.members().size() != poolStart[t + 1] - poolStart[t]) {
                return false;
            }
            for (int i = 0; i < pool.members().size(); i++) {
                if (!memberIds[poolStart[t] + i].equals(pool.members().get(i).provider())) {
                    return false;
                }
            }
        }
        return true;
    }

    int pools() {
        return poolIds.length;
    }

    int members() {
        return memberIds.length;
    }

    int providers() {
        return providerIds.length;
    }
}
