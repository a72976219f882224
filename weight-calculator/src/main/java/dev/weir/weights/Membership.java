package dev.weir.weights;

import dev.weir.weights.Proposal.Status;
import dev.weir.weights.estimate.Freshness;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The state that is indexed like one {@link Topology}: what is known of its members and what is in force for them. */
final class Membership {
    final Topology topology;
    final Inputs in;
    final Splitter splitter;
    final ProviderTrack[] providers;
    final PoolTrack[] pools;
    /** Per member. */
    final MemberTrack[] members;
    /** Per provider, this tick. */
    final ProviderTotals[] totals;
    /** Per pool, requests per second and work units per second, estimated. */
    final double[] requestRate;

    final double[] demand;
    /** Per pool, this tick; NaN = unknown. */
    final double[] utilisation;

    /** Per member: its drain time above the least of its pool, seconds. */
    final double[] excess;

    /** What is in force, per member and per provider. */
    final int[] inForceWeight;

    final boolean[] inForceRetryOnly;
    final int[] inForceRefusal;
    final Status[] inForceStatus;
    final boolean[] inForceSilent;

    Membership(
            Topology topology,
            Inputs in,
            Splitter splitter,
            ProviderTrack[] providers,
            PoolTrack[] pools,
            MemberTrack[] members,
            @Nullable Proposal inForce) {
        this.topology = topology;
        this.in = in;
        this.splitter = splitter;
        this.providers = providers;
        this.pools = pools;
        this.members = members;
        totals = new ProviderTotals[providers.length];
        requestRate = new double[pools.length];
        demand = new double[pools.length];
        utilisation = new double[pools.length];
        excess = new double[topology.members()];
        inForceWeight = new int[topology.members()];
        inForceRetryOnly = new boolean[topology.members()];
        inForceRefusal = new int[topology.members()];
        inForceStatus = new Status[providers.length];
        inForceSilent = new boolean[topology.members()];
        Map<String, Status> status = new HashMap<>();
        if (inForce != null) {
            inForce.providers().forEach(p -> status.put(p.id(), p.status()));
            weights(inForce);
        }
        for (int k = 0; k < providers.length; k++) {
            inForceStatus[k] = Objects.requireNonNullElse(status.get(topology.providerIds[k]), Status.ABSENT);
        }
    }

    private void weights(Proposal inForce) {
        for (int t = 0; t < topology.pools(); t++) {
            Map<String, Proposal.Member> former = new HashMap<>();
            for (Proposal.PoolProposal pool : inForce.pools()) {
                if (pool.id().equals(topology.poolIds[t])) {
                    pool.members().forEach(m -> former.putIfAbsent(m.provider(), m));
                }
            }
            for (int e = topology.poolStart[t]; e < topology.poolStart[t + 1]; e++) {
                Proposal.Member member = former.get(topology.memberIds[e]);
                inForceWeight[e] = member == null ? 0 : member.weight();
                inForceSilent[e] = member != null && member.silent();
            }
        }
    }

    /** Sums what was seen of each provider over its pools. */
    void sum() {
        int n = providers.length;
        double[] inFlight = new double[n];
        double[] work = new double[n];
        double[] completions = new double[n];
        double[] completedWork = new double[n];
        double[] answerSeconds = new double[n];
        double[] failures = new double[n];
        double[] offered = new double[n];
        double[] offeredWork = new double[n];
        for (int t = 0; t < pools.length; t++) {
            double w = in.workPerRequest[t];
            // a trace of every pool, so that a provider without traffic has a mean too
            double rate = requestRate[t] + 1e-6;
            for (int e = topology.poolStart[t]; e < topology.poolStart[t + 1]; e++) {
                if (!topology.usable[e]) {
                    continue;
                }
                int k = topology.provider[e];
                inFlight[k] += in.inFlight[e];
                work[k] += w * in.inFlight[e];
                completions[k] += in.completions[e];
                completedWork[k] += w * in.completions[e];
                answerSeconds[k] += in.answerSeconds[e];
                failures[k] += in.failures[e];
                double share = rate * (inForceWeight[e] + 1);
                offered[k] += share;
                offeredWork[k] += share * w;
            }
        }
        for (int k = 0; k < n; k++) {
            double perRequest = offered[k] > 0 ? offeredWork[k] / offered[k] : 1;
            totals[k] = new ProviderTotals(
                    inFlight[k], work[k], completions[k], completedWork[k], answerSeconds[k], failures[k], perRequest);
        }
    }

    /** Whether something is declared or known of what each of the pool's serving providers can do. */
    boolean capacityKnown(int t) {
        for (int e = topology.poolStart[t]; e < topology.poolStart[t + 1]; e++) {
            ProviderTrack provider = providers.length == 0 ? null : providers[topology.provider[e]];
            if (topology.usable[e] && provider != null && provider.serves() && !provider.known()) {
                return false;
            }
        }
        return true;
    }

    /** Whether fresh gauges exist for any provider of the pool. */
    boolean heard(int t) {
        for (int e = topology.poolStart[t]; e < topology.poolStart[t + 1]; e++) {
            if (topology.usable[e] && Freshness.of(in.ageNanos[topology.provider[e]]) == 1) {
                return true;
            }
        }
        return false;
    }
}
