package dev.weir.weights;

import dev.weir.weights.Proposal.Cause;
import dev.weir.weights.Proposal.Status;
import dev.weir.weights.Settings.Policy;
import dev.weir.weights.price.Congestion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one door of the decision core: an {@link Observation} in, a {@link Proposal} out.
 *
 * <p>Not safe for several threads. It reads no clock and draws nothing at random.
 */
public final class Calculator {
    /** Of drain time, so many times the gate on waiting must be saved: where nothing waits, imbalance costs little. */
    private static final double DRAIN_GATE = 50;

    /** Of the wait in a burst that may come, so many times the gate on waiting. */
    private static final double BURST_GATE = 50;

    private static final double MAX_UTILISATION = 1000;
    private static final double MAX_STEP_SECONDS = 3600;

    private final Settings settings;
    private final Map<String, ProviderTrack> knownProviders = new HashMap<>();
    private final Map<String, PoolTrack> knownPools = new HashMap<>();
    private Map<String, MemberTrack> knownMembers = new HashMap<>();
    /** By pool, until its track is made. */
    private final Map<String, Proposal.Announcement> announcedBefore = new HashMap<>();

    private final Hearing hearing = new Hearing();
    private @Nullable Proposal inForce;
    private @Nullable Membership membership;
    private boolean membershipChanged;
    private long lastNanos;

    /**
     * @param settings constants
     * @param restored the last released proposal of an earlier process, in force until something better is released;
     *     null = none
     * @param announced prices that were announced and, as far as is known, not released
     */
    public Calculator(Settings settings, @Nullable Proposal restored, List<Proposal.Announcement> announced) {
        this.settings = settings;
        this.inForce = restored;
        announced.forEach(each -> announcedBefore.put(each.pool(), each));
    }

    /** Nothing is announced. */
    public Calculator(Settings settings, @Nullable Proposal restored) {
        this(settings, restored, List.of());
    }

    /** One tick. Never throws for what an observation holds. */
    public Proposal tick(Observation observation) {
        double dt = membership == null ? 0 : elapsed(observation.nowNanos());
        lastNanos = observation.nowNanos();
        if (membership == null || !membership.topology.matches(observation)) {
            membership = assemble(observation);
        }
        Membership now = membership;
        now.in.read(observation, now.topology);
        estimate(now, dt);
        split(now);
        price(now, dt);
        if (!observation.hold()) {
            for (int t = 0; t < now.pools.length; t++) {
                now.pools[t].announcePrice(now.in.minPrice[t]);
            }
        }

        double saved = 0;
        Set<Cause> causes = causes(now);
        if (inForce != null && settings.policy() == Policy.WATER_FILLING) {
            saved = now.splitter.saved(now.inForceWeight);
            if (worthwhile(now, saved)) {
                causes.add(Cause.SAVES_TIME);
            }
        }
        if (observation.hold() || causes.isEmpty()) {
            return proposal(now, new Proposal.Release(false, Set.of(), saved));
        }
        publish(now);
        Proposal released = proposal(now, new Proposal.Release(true, causes, saved));
        inForce = released;
        membershipChanged = false;
        return released;
    }

    private double elapsed(long nowNanos) {
        double seconds = (nowNanos - lastNanos) * 1e-9;
        return Math.max(0, Math.min(MAX_STEP_SECONDS, seconds));
    }

    private Membership assemble(Observation observation) {
        Topology topology = Topology.of(observation);
        Map<String, Proposal.ProviderState> formerProviders = new HashMap<>();
        Map<String, Proposal.PoolProposal> formerPools = new HashMap<>();
        if (inForce != null) {
            inForce.providers().forEach(p -> formerProviders.put(p.id(), p));
            inForce.pools().forEach(p -> formerPools.put(p.id(), p));
        }
        List<String> providerKeys = distinct(topology.providerIds);
        List<String> poolKeys = distinct(topology.poolIds);
        knownProviders.keySet().retainAll(new HashSet<>(providerKeys));
        knownPools.keySet().retainAll(new HashSet<>(poolKeys));
        ProviderTrack[] providers = new ProviderTrack[topology.providers()];
        for (int k = 0; k < providers.length; k++) {
            providers[k] = knownProviders.computeIfAbsent(
                    providerKeys.get(k), id -> new ProviderTrack(formerProviders.get(id)));
        }
        Inputs in = new Inputs(topology);
        in.read(observation, topology);
        PoolTrack[] pools = new PoolTrack[topology.pools()];
        for (int t = 0; t < pools.length; t++) {
            long minPrice = in.minPrice[t];
            double work = in.workPerRequest[t];
            pools[t] = knownPools.computeIfAbsent(
                    poolKeys.get(t),
                    id -> new PoolTrack(settings, minPrice, work, formerPools.get(id), announcedBefore.get(id)));
            pools[t].members(topology.memberIds, topology.poolStart[t], topology.poolStart[t + 1]);
        }
        announcedBefore.clear(); // a pool that is made anew later has nothing to do with it
        Membership made = new Membership(
                topology,
                in,
                new Splitter(topology, settings.tickSeconds()),
                providers,
                pools,
                members(topology, poolKeys),
                inForce);
        System.arraycopy(made.in.retryOnly, 0, made.inForceRetryOnly, 0, topology.members());
        membershipChanged = inForce != null && !topology.matches(inForce);
        return made;
    }

    /** The tracks of the members, old ones for those that stay. */
    private MemberTrack[] members(Topology topology, List<String> poolKeys) {
        Map<String, MemberTrack> kept = new HashMap<>();
        MemberTrack[] members = new MemberTrack[topology.members()];
        for (int t = 0; t < topology.pools(); t++) {
            for (int e = topology.poolStart[t]; e < topology.poolStart[t + 1]; e++) {
                String key = poolKeys.get(t) + '\u0000' + topology.memberIds[e];
                MemberTrack former = knownMembers.getOrDefault(key, new MemberTrack());
                MemberTrack other = kept.putIfAbsent(key, former);
                members[e] = other == null ? former : new MemberTrack();
            }
        }
        knownMembers = kept;
        return members;
    }

    /** The names; one that comes again is told apart by its place. */
    private static List<String> distinct(String[] ids) {
        Set<String> seen = new HashSet<>();
        List<String> keys = new ArrayList<>(ids.length);
        for (int i = 0; i < ids.length; i++) {
            keys.add(seen.add(ids[i]) ? ids[i] : ids[i] + '\u0000' + i);
        }
        return keys;
    }

    private void estimate(Membership now, double dt) {
        Topology topology = now.topology;
        for (int t = 0; t < now.pools.length; t++) {
            double firstAttempts = 0;
            for (int e = topology.poolStart[t]; e < topology.poolStart[t + 1]; e++) {
                firstAttempts += now.in.firstAttempts[e];
            }
            now.pools[t].demand.observe(firstAttempts, now.heard(t), dt);
            now.requestRate[t] = now.pools[t].demand.level();
            now.demand[t] = now.requestRate[t] * now.in.workPerRequest[t];
        }
        now.sum();
        for (int k = 0; k < now.providers.length; k++) {
            now.providers[k].observe(
                    now.in.declared[k], now.in.mostCapacity[k], now.in.slots[k], now.in.ageNanos[k], now.totals[k], dt);
        }
        hearing.listen(now, dt);
        double due = 0;
        for (ProviderTrack provider : now.providers) {
            due += provider.due();
        }
        for (int k = 0; k < now.providers.length; k++) {
            ProviderTrack provider = now.providers[k];
            if (settings.policy() == Policy.WRR) {
                provider.trustDeclaration(now.in.draining[k]);
            } else {
                provider.decideStatus(due - provider.due(), now.in.draining[k]);
            }
        }
        if (settings.policy() != Policy.WRR) {
            hearing.decideStatus(now, due);
        }
    }

    private void split(Membership now) {
        now.splitter.formulate(now, settings.costSeconds());
        if (settings.policy() == Policy.WRR) {
            now.splitter.fixed(now.in.declared);
        } else {
            now.splitter.fill();
        }
        now.splitter.round(now);
    }

    private void price(Membership now, double dt) {
        now.splitter.utilisation(now.demand, now.utilisation, now.excess);
        for (int t = 0; t < now.pools.length; t++) {
            boolean capacityKnown = now.capacityKnown(t);
            // a first guess of capacity says nothing of congestion
            now.utilisation[t] = capacityKnown ? Math.min(MAX_UTILISATION, now.utilisation[t]) : 0;
            // without telemetry nothing is known of demand: the price rests
            double known = now.heard(t) && capacityKnown ? now.utilisation[t] : Double.NaN;
            now.pools[t].step(known, now.excess, now.topology.poolStart[t], now.in.minPrice[t], dt);
        }
    }

    private Set<Cause> causes(Membership now) {
        Set<Cause> causes = EnumSet.noneOf(Cause.class);
        if (inForce == null) {
            if (now.pools.length > 0) {
                causes.add(Cause.FIRST);
            }
            return causes;
        }
        if (membershipChanged || !Arrays.equals(now.in.retryOnly, now.inForceRetryOnly)) {
            causes.add(Cause.MEMBERSHIP);
        }
        for (int k = 0; k < now.providers.length; k++) {
            if (rank(now.providers[k].status()) != rank(now.inForceStatus[k])) {
                causes.add(Cause.HEALTH);
            }
        }
        for (int e = 0; e < now.members.length; e++) {
            boolean refuses = now.in.refusal[e] > 0 != now.inForceRefusal[e] > 0;
            if (refuses || now.members[e].silent() != now.inForceSilent[e]) {
                causes.add(Cause.HEALTH);
            }
        }
        if (settings.policy() == Policy.WRR && !Arrays.equals(now.splitter.weight, now.inForceWeight)) {
            causes.add(Cause.HEALTH);
        }
        for (int t = 0; t < now.pools.length; t++) {
            if (now.pools[t].priceDue(now.in.storedPrice[t])) {
                causes.add(Cause.PRICE);
            }
            if (now.pools[t].congestion.due(Congestion.points(now.utilisation[t]))) {
                causes.add(Cause.CONGESTION);
            }
        }
        return causes;
    }

    private static int rank(Status status) {
        return switch (status) {
            case ABSENT, DRAINING -> 0;
            case STALLED -> 1;
            case UNTRIED, RAMPING, ACTIVE -> 2;
        };
    }

    /**
     * Whether enough wait is saved, or so much drain time that it will be: the second keeps the throughput guarantee. Or so much in
     * the burst that may come to a pool with free slots that the split must not rest as it is.
     */
    private boolean worthwhile(Membership now, double saved) {
        double gate = settings.gateShare() * now.splitter.meanServiceSeconds();
        return saved > DRAIN_GATE * gate
                || (saved > 0 && now.splitter.savedWait(now.inForceWeight) > gate)
                || now.splitter.savedInBurst(now.inForceWeight) > BURST_GATE * gate;
    }

    private void publish(Membership now) {
        for (int t = 0; t < now.pools.length; t++) {
            if (now.pools[t].priceDue(now.in.storedPrice[t])) {
                now.pools[t].published().publish();
            }
            now.pools[t].congestion.publish(Congestion.points(now.utilisation[t]));
        }
        now.splitter.released();
        System.arraycopy(now.splitter.weight, 0, now.inForceWeight, 0, now.inForceWeight.length);
        System.arraycopy(now.in.retryOnly, 0, now.inForceRetryOnly, 0, now.inForceRetryOnly.length);
        System.arraycopy(now.in.refusal, 0, now.inForceRefusal, 0, now.inForceRefusal.length);
        for (int k = 0; k < now.providers.length; k++) {
            now.inForceStatus[k] = now.providers[k].status();
        }
        for (int e = 0; e < now.members.length; e++) {
            now.inForceSilent[e] = now.members[e].silent();
        }
    }

    private static Proposal proposal(Membership now, Proposal.Release release) {
        Topology topology = now.topology;
        List<Proposal.PoolProposal> pools = new ArrayList<>(topology.pools());
        List<Proposal.Announcement> announced = new ArrayList<>();
        for (int t = 0; t < topology.pools(); t++) {
            int from = topology.poolStart[t];
            List<Proposal.Member> members = new ArrayList<>(topology.poolStart[t + 1] - from);
            PoolTrack pool = now.pools[t];
            for (int e = from; e < topology.poolStart[t + 1]; e++) {
                members.add(new Proposal.Member(
                        topology.memberIds[e],
                        now.splitter.weight[e],
                        pool.published().inForce().member().get(e - from),
                        now.members[e].silent()));
            }
            pools.add(new Proposal.PoolProposal(
                    topology.poolIds[t],
                    members,
                    now.demand[t],
                    now.utilisation[t],
                    pool.congestion.published(),
                    now.splitter.level[t],
                    pool.published().inForce().base(),
                    pool.published().inForce().number(),
                    pool.controller.logPrice()));
            Proposal.Announcement next = pool.announcement(topology.poolIds[t]);
            if (next != null) {
                announced.add(next);
            }
        }
        List<Proposal.ProviderState> providers = new ArrayList<>(topology.providers());
        for (int k = 0; k < topology.providers(); k++) {
            ProviderTrack track = now.providers[k];
            providers.add(new Proposal.ProviderState(
                    topology.providerIds[k],
                    track.status(),
                    now.in.declared[k],
                    track.status().takesTraffic() ? track.usableCapacity() : 0,
                    track.slots(),
                    (long) now.totals[k].inFlight(),
                    now.totals[k].backlogWork() - track.slots() * now.totals[k].workPerRequest(),
                    track.completionRate(),
                    Reasons.of(now, k)));
        }
        return new Proposal(pools, providers, release, announced);
    }
}
