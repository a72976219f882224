package dev.weir.control.pick;

import dev.weir.control.pick.MeshView.PoolView;
import dev.weir.weights.Proposal.ProviderState;
import dev.weir.weights.Proposal.Status;
import dev.weir.weights.pick.LeastWait;
import dev.weir.weights.pick.PickNumber;
import dev.weir.xds.check.CheckAnswer.Pass;
import dev.weir.xds.wire.CheckFacts;
import dev.weir.xds.wire.ClusterName;
import dev.weir.xds.wire.WeirHeaders;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Chooses the provider that a request gets, and what its sidecar and its record are told of it. Not safe for several threads. */
final class Chooser {
    private static final long PROBE_NANOS = 2_000_000_000L;
    /** A stalled provider gets at most this share of its capacity. */
    private static final double PROBE_SHARE = 0.01;

    private final long term;
    private final Map<String, Long> probedNanos = new HashMap<>();
    private long number;

    Chooser(long term) {
        this.term = term;
    }

    /** Takes a new view of the mesh. A provider that is neither stalled nor refuses any more needs no probe. */
    void update(MeshView view) {
        Set<String> due = new HashSet<>();
        view.thought.providers().forEach(state -> {
            if (state.status() == Status.STALLED) {
                due.add(state.id());
            }
        });
        view.pools.values().forEach(pool -> {
            for (int k : pool.refusing) {
                due.add(ClusterName.of(pool.name, view.providers.get(k)));
            }
        });
        probedNanos.keySet().retainAll(due);
    }

    /** Whether {@code choice} has a first choice now. One who may wait gets one that has room, or none. */
    boolean choose(MeshView now, PoolView pool, LeastWait choice, boolean mayWait, long at) {
        int probe = probe(now, pool, choice, at);
        if (probe != LeastWait.NONE) {
            choice.chooseSecond(pool.callable, probe);
        } else if (mayWait) {
            choice.chooseWithRoom(pool.callable, pool.regular, LeastWait.NONE);
        } else {
            choice.choose(pool.callable, pool.regular, LeastWait.NONE);
            if (choice.first() == LeastWait.NONE) {
                choice.chooseSecond(pool.callable, emptiestStalled(now, pool, choice));
            }
        }
        return choice.first() != LeastWait.NONE;
    }

    /**
     * Whether the request follows up what a member made, which then is the only choice: at once, whether it has room or not,
     * because nobody else's room is of use to it. A provider that is no member now, or gets nothing, is as good as unknown.
     */
    boolean follows(MeshView now, PoolView pool, LeastWait choice, String provider) {
        Integer followed = now.index.get(provider);
        ProviderState state = now.state(provider);
        if (state != null && !state.status().takesTraffic()) {
            return false;
        }
        for (int k : pool.callable) {
            if (followed != null && k == followed) {
                choice.only(k);
                return true;
            }
        }
        return false;
    }

    /** Whether the pool has a provider that may take its requests, now or later. */
    boolean anybody(MeshView now, PoolView pool) {
        for (int k : pool.callable) {
            ProviderState state = now.state(now.providers.get(k));
            if (state != null && state.status().takesTraffic()) {
                return true;
            }
        }
        return false;
    }

    /** The answer for the choice that was made just now. */
    Pass pass(MeshView now, PoolView pool, LeastWait choice, long heldNanos) {
        String provider = now.providers.get(choice.first());
        Integer place = pool.places.get(provider);
        Integer next = choice.second() == LeastWait.NONE ? null : pool.places.get(now.providers.get(choice.second()));
        long pick = PickNumber.of(pool.places.size(), place == null ? 0 : place, next == null ? LeastWait.NONE : next);
        CheckFacts facts = new CheckFacts(
                term + "-" + ++number,
                now.epoch,
                pool.prices.getOrDefault(provider, -1L),
                heldNanos / 1_000,
                PickText.of(now, pool, choice));
        return new Pass(Map.of(WeirHeaders.PICK, Long.toString(pick)), facts.asMap());
    }

    /** A stalled provider, or one that refuses this pool or is silent to it, that is due for a request that shows whether it is back. */
    private int probe(MeshView now, PoolView pool, LeastWait choice, long at) {
        for (int i = 0; i < pool.regular; i++) {
            int k = pool.callable[i];
            ProviderState state = now.state(now.providers.get(k));
            if (state != null
                    && state.status() == Status.STALLED
                    && state.trustedCapacity() > 0
                    && !choice.open(k)
                    && probeDue(state.id(), pause(state, pool.work), at)) {
                return k;
            }
        }
        for (int k : pool.refusing) {
            if (probeDue(ClusterName.of(pool.name, now.providers.get(k)), PROBE_NANOS, at)) {
                return k;
            }
        }
        return LeastWait.NONE;
    }

    private boolean probeDue(String key, long pause, long at) {
        Long last = probedNanos.get(key);
        if (last != null && at - last < pause) {
            return false;
        }
        probedNanos.put(key, at);
        // the pause begins when it stalls: what it has been sent will tell
        return last != null;
    }

    /** The pause between probes of a stalled provider: no more than a share of what it can do, as it may be overloaded. */
    private static long pause(ProviderState state, double work) {
        return Math.max(PROBE_NANOS, (long) (1e9 * work / (PROBE_SHARE * state.trustedCapacity())));
    }

    /** The stalled provider that would be the first to be back, for a pool of which none is open. */
    private static int emptiestStalled(MeshView now, PoolView pool, LeastWait choice) {
        int best = LeastWait.NONE;
        double least = Double.POSITIVE_INFINITY;
        for (int k : pool.callable) {
            ProviderState state = now.state(now.providers.get(k));
            if (state != null && state.status() == Status.STALLED) {
                double filled = (double) choice.inFlight(k) / Math.max(1, state.slots());
                if (filled < least) {
                    least = filled;
                    best = k;
                }
            }
        }
        return best;
    }
}
