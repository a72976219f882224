package dev.weir.control.pick;

import dev.weir.control.admission.Passage;
import dev.weir.control.admission.Reservation;
import dev.weir.control.pick.MeshView.PoolView;
import dev.weir.weights.Proposal.ProviderState;
import dev.weir.weights.Proposal.Status;
import dev.weir.weights.pick.LeastWait;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.wire.ClusterName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Outstanding grants by request id and per provider, reconciled with the gauges once a second.
 *
 * <p>A grant ends with its attempt's record, or is taken back when who asked left without the answer. Where neither comes, gauges
 * tell: a call that no sidecar has in flight has ended, or never began. They say so only of a request whose sidecar has the answer
 * to its check: as long as that is on its way the call may begin at any time, whatever the gauges show. That a sidecar has it is
 * known by its answer to a ping that followed on the same connection, within milliseconds as a rule. Where a line is deaf, or
 * breaks before, no such word comes; then the sidecar's own time-out of the check, which it told with it, bounds how long its
 * request can still begin. So a slot whose grant is lost with its record is free again {@link #AGE_NANOS} and a turn after its
 * answer arrived, and that long after the check's time-out if that was never known; and no slot is given twice.
 *
 * <p>Not safe for several threads.
 */
final class GrantTable {
    /** About what a grant takes of memory, with the longest names that are usual. */
    private static final int GRANT_BYTES = 1_024;

    /**
     * Age of a grant that is looked for in the gauges, since its call began if ever: one that was as old when every sidecar had
     * reported, and is in no gauge, is nowhere.
     */
    static final long AGE_NANOS = 1_250_000_000L;

    /**
     * What a provider is thought to have more while nobody knows what an earlier process sent it: as that was its slots and one
     * more at most, twice its slots are never exceeded.
     */
    private static final int UNKNOWN = 2;

    /** After so many looks at gauges that are known, what is not ours has been seen for a whole turn. */
    private static final int LOOKS = 2;

    private final Map<String, Grant> grants = new HashMap<>();
    /** Per cluster: grants now, and the most since the last look at the gauges. */
    private final Map<String, int[]> counts = new HashMap<>();
    /** Per cluster of a governed pool: what is in flight there and is not ours. */
    private final Map<String, Long> surplus = new HashMap<>();

    private final Set<String> freed = new TreeSet<>();
    private MeshView view;
    private LeastWait choice;
    private int looksDue;

    /** A request's booking at a provider: one request that was sent to a provider and has not ended. */
    final class Grant implements Reservation {
        /** The way of its request through the stages, and with it the answer for a sidecar that asks again. */
        final Passage passage;

        final String pool;
        final long grantedNanos;
        /** When the request came, by its sidecar's wall clock, microseconds since 1970; 0 = not said. */
        final long arrivedMicros;
        /** When the check came, by our monotonic clock, microseconds. */
        final long checkedMicros;
        /** The provider that its retry goes to; null = not steered. */
        final @Nullable String second;

        String provider;
        /** The time since when it is at this provider. */
        private long placedNanos;

        int attempt = 1;

        private Grant(Passage passage, String provider, @Nullable String second, long grantedNanos) {
            this.passage = passage;
            this.pool = passage.check().pool();
            this.provider = provider;
            this.second = second;
            this.grantedNanos = grantedNanos;
            this.placedNanos = grantedNanos;
            this.arrivedMicros = passage.check().arrivedMicros();
            this.checkedMicros = passage.sinceNanos() / 1_000;
        }

        /** The time after which its call is at a sidecar, if it is anywhere; ahead of now while its answer is on its way. */
        private long settledNanos() {
            long answered = passage.settledNanos();
            return answered - placedNanos > 0 ? answered : placedNanos;
        }

        @Override
        public void complete(AccessRecord record) {
            remove(this);
            Integer k = view.index.get(
                    record.route().provider().isEmpty()
                            ? provider
                            : record.route().provider());
            freed.addAll(k == null ? Set.of(pool) : view.served.get(k));
        }

        @Override
        public void cancel() {
            remove(this);
            freed.add(pool);
        }

        /** What it leaves is for everybody, by the next image. */
        @Override
        public void expire() {
            remove(this);
        }
    }

    /** @param inherited whether an earlier process may have granted what is still under way */
    GrantTable(MeshView view, boolean inherited) {
        this.view = view;
        this.looksDue = inherited ? LOOKS : 0;
        this.choice = new LeastWait(view.providers.size());
    }

    /** Grants that fit into a quarter of a heap of so many bytes. */
    static int most(long heapBytes) {
        return (int) Math.min(Integer.MAX_VALUE, heapBytes / 4 / GRANT_BYTES);
    }

    /** The newest view of the mesh. */
    MeshView view() {
        return view;
    }

    LeastWait choice() {
        return choice;
    }

    int size() {
        return grants.size();
    }

    @Nullable
    Grant find(String requestId) {
        return grants.get(requestId);
    }

    /** Takes a new view of the mesh, in which providers may be others: what they hold is counted anew. */
    void update(MeshView next, double lagSeconds) {
        if (!next.providers.equals(view.providers)) {
            choice = new LeastWait(next.providers.size());
            for (Grant grant : grants.values()) {
                Integer k = next.index.get(grant.provider);
                if (k != null) {
                    choice.grant(k);
                }
            }
        }
        view = next;
        for (int k = 0; k < view.providers.size(); k++) {
            ProviderState state = view.state(view.providers.get(k));
            if (state == null || state.trustedCapacity() <= 0 || !state.status().takesTraffic()) {
                choice.close(k);
                continue;
            }
            double work = work(k);
            choice.setState(
                    k,
                    Math.max(1, state.slots()),
                    warm(state),
                    state.trustedCapacity(),
                    work,
                    LeastWait.overCommit(state.trustedCapacity(), work, lagSeconds),
                    state.status() != Status.STALLED);
        }
    }

    /**
     * The slots of a provider that are taken first: of one that comes back, the share of its capacity that it is trusted with.
     */
    private static int warm(ProviderState state) {
        if (state.status() != Status.RAMPING || state.declaredCapacity() <= 0) {
            return Math.max(1, state.slots());
        }
        double share = Math.min(1, state.trustedCapacity() / state.declaredCapacity());
        return (int) Math.max(1, Math.floor(state.slots() * share));
    }

    /** Mean work of what a provider holds; of its pools when it holds nothing. */
    private double work(int provider) {
        double held = 0;
        double work = 0;
        double plain = 0;
        int pools = 0;
        for (String pool : view.served.get(provider)) {
            PoolView of = view.pools.get(pool);
            if (of != null) {
                int[] count = counts.get(ClusterName.of(pool, view.providers.get(provider)));
                int own = count == null ? 0 : count[0];
                held += own;
                work += own * of.work;
                plain += of.work;
                pools++;
            }
        }
        return held > 0 ? work / held : pools > 0 ? plain / pools : 1;
    }

    Grant add(Passage passage, String provider, @Nullable String second, long nowNanos) {
        Grant grant = new Grant(passage, provider, second, nowNanos);
        grants.put(passage.check().requestId(), grant);
        count(grant, 1);
        return grant;
    }

    private void remove(Grant grant) {
        grants.remove(grant.passage.check().requestId());
        count(grant, -1);
    }

    /** Names of the pools that have got room since the set was emptied. */
    Set<String> freed() {
        return freed;
    }

    /** Moves a grant to the second choice, where the retry is. */
    void move(Grant grant, String to, long nowNanos) {
        count(grant, -1);
        grant.provider = to;
        grant.placedNanos = nowNanos;
        grant.attempt++;
        count(grant, 1);
    }

    private void count(Grant grant, int by) {
        String cluster = ClusterName.of(grant.pool, grant.provider);
        int[] count = counts.computeIfAbsent(cluster, c -> new int[2]);
        count[0] += by;
        count[1] = Math.max(count[1], count[0]);
        Integer k = view.index.get(grant.provider);
        if (k != null) {
            if (by > 0) {
                choice.grant(k);
            } else {
                choice.end(k);
            }
        }
    }

    /** Takes note of what others have in flight, as known now. */
    void observeOthers(Gauges gauges, long nowNanos) {
        for (int k = 0; k < view.providers.size(); k++) {
            long sum = looksDue > 0 ? UNKNOWN : 0;
            for (String pool : view.served.get(k)) {
                String cluster = ClusterName.of(pool, view.providers.get(k));
                sum += otherInFlight(cluster, view.pools.get(pool), gauges, nowNanos);
            }
            choice.setOthers(k, (int) Math.min(Integer.MAX_VALUE / 2, sum));
        }
    }

    private long otherInFlight(String cluster, @Nullable PoolView pool, Gauges gauges, long nowNanos) {
        if (pool == null || !pool.picks) {
            return gauges.newest(cluster, nowNanos);
        } else if (pool.handedOver) {
            int[] own = counts.get(cluster);
            return Math.max(0, gauges.newest(cluster, nowNanos) - (own == null ? 0 : own[0]));
        }
        return surplus.getOrDefault(cluster, 0L);
    }

    /**
     * Reconciles the grants with the gauges: drops what is nowhere, notes what is not ours.
     *
     * @return what was dropped
     */
    List<Grant> resync(Gauges gauges, long nowNanos) {
        List<Grant> dropped = new ArrayList<>();
        OptionalLong reported = gauges.reportedUntil(nowNanos);
        Map<String, List<Grant>> old = new HashMap<>();
        for (Grant grant : grants.values()) {
            PoolView pool = view.pools.get(grant.pool);
            long longest = pool == null ? 0 : pool.longestNanos;
            if (nowNanos - grant.grantedNanos > longest + PickState.SPARE_NANOS) {
                dropped.add(grant);
            } else if (reported.isPresent() && reported.getAsLong() - grant.settledNanos() > AGE_NANOS) {
                old.computeIfAbsent(ClusterName.of(grant.pool, grant.provider), c -> new ArrayList<>())
                        .add(grant);
            }
        }
        old.forEach((cluster, aged) -> {
            long excess = aged.size() - gauges.most(cluster, nowNanos);
            if (excess > 0) {
                aged.sort(Comparator.comparingLong(grant -> grant.grantedNanos - nowNanos));
                dropped.addAll(aged.subList(0, (int) excess));
            }
        });
        dropped.forEach(grant -> grant.passage.expire());
        others(gauges, nowNanos);
        counts.values().removeIf(count -> count[0] == 0 && count[1] == 0);
        counts.values().forEach(count -> count[1] = count[0]);
        looksDue -= looksDue > 0 && gauges.known(nowNanos) ? 1 : 0;
        gauges.turn(nowNanos);
        return dropped;
    }

    /**
     * Works out what is in flight and not ours. The gauge of a sidecar that is silent may be too high by now, so nothing grows
     * by it.
     */
    private void others(Gauges gauges, long nowNanos) {
        boolean fresh = gauges.fresh(nowNanos);
        Map<String, Long> before = Map.copyOf(surplus);
        surplus.clear();
        for (PoolView pool : view.pools.values()) {
            if (pool.picks) {
                pool.places.keySet().forEach(provider -> {
                    String cluster = ClusterName.of(pool.name, provider);
                    int[] count = counts.get(cluster);
                    long others = gauges.least(cluster, nowNanos) - (count == null ? 0 : count[1]);
                    others = fresh ? others : Math.min(others, before.getOrDefault(cluster, 0L));
                    if (others > 0) {
                        surplus.put(cluster, others);
                    }
                });
            }
        }
    }
}
