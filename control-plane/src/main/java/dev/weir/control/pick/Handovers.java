package dev.weir.control.pick;

import dev.weir.control.model.Image;
import dev.weir.control.pick.GrantTable.Grant;
import dev.weir.control.pick.MeshView.PoolView;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.weights.Proposal.ProviderState;
import dev.weir.weights.pick.Handover;
import dev.weir.weights.pick.PickGain;
import dev.weir.xds.telemetry.AccessRecord;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which governed pools go by their split for a while, because checks or records are so late that a pick costs more than
 * it saves ({@link Handover}). How late they are is one figure for all pools: it is the control plane that is starved. Pools
 * whose requests must not go unchecked ({@code onUnavailable: closed}) are never handed over. Not safe for several threads.
 */
final class Handovers {
    private static final Logger log = LoggerFactory.getLogger(Handovers.class);

    /** What a check counts whose asker did not wait for the answer: as long as a sidecar waits. */
    private static final double GIVEN_UP_SECONDS = 0.05;

    /** Beyond, a check that is not held can only have been waited for by a sidecar that was itself held up. */
    private static final double MAX_ANSWER_SECONDS = 0.5;

    /** Grants that are remembered until their calls are heard of. */
    private static final int REMEMBERED = 4_096;

    private final ReleaseLag lag = new ReleaseLag();
    private final LagMeter answers = new LagMeter();
    private final LagMeter records = new LagMeter();
    private final Map<String, Handover> pools = new HashMap<>();
    private final Set<String> awaited = new LinkedHashSet<>();
    private Set<String> over = Set.of();
    private double answerSeconds = Double.NaN;

    /** Takes note that a request was granted: its call's record will tell whether the sidecar waited for it. */
    void granted(String requestId) {
        if (awaited.size() == REMEMBERED) {
            awaited.remove(awaited.iterator().next());
        }
        awaited.add(requestId);
    }

    /**
     * Takes note of a call: one whose record knows of no grant, although there was one, went without: its sidecar had given up
     * by then.
     */
    void heard(AccessRecord record) {
        if (record.identity().kind() == AccessRecord.Kind.CALL) {
            boolean granted = awaited.remove(record.identity().requestId());
            if (record.check() != null) {
                answered(record.check());
            } else if (granted && !record.route().provider().isEmpty()) {
                answers.add(GIVEN_UP_SECONDS);
            }
        }
    }

    /** Takes note of what a sidecar says of a check. The time for which it was held is none of the answer's. */
    private void answered(AccessRecord.GrantFacts check) {
        if (check.answeredMillis() >= 0) {
            double seconds = check.answeredMillis() / 1e3 - check.heldMicros() / 1e6;
            answers.add(Math.max(0, Math.min(MAX_ANSWER_SECONDS, seconds)));
        }
    }

    /** Takes note that a sidecar did not wait for the answer. */
    void givenUp(String requestId) {
        awaited.remove(requestId);
        answers.add(GIVEN_UP_SECONDS);
    }

    /** Takes note that a grant's first attempt was heard of; its end by the sidecar's clock, now by ours, monotonic. */
    void ended(String sidecar, Grant grant, long endedMicros, long nowMicros) {
        if (grant.arrivedMicros > 0) {
            records.add(lag.heard(sidecar, grant.checkedMicros, grant.arrivedMicros, endedMicros, nowMicros));
        }
    }

    /** Time from an attempt's end to our hearing of it, mean, seconds. */
    double recordSeconds() {
        return lag.seconds();
    }

    /** What an answer takes, mean when it was last known, seconds. */
    double answerSeconds() {
        return answerSeconds;
    }

    /** Names of the pools that go by their split. */
    Set<String> over() {
        return over;
    }

    /** Looks, once a second. */
    void look(Image image, MeshView view, long nowNanos) {
        double answer = answers.look(nowNanos);
        answerSeconds = Double.isNaN(answer) ? answerSeconds : answer;
        double record = records.look(nowNanos);
        Set<String> next = new TreeSet<>();
        for (PoolView pool : view.pools.values()) {
            if (pool.picks && pool.open) {
                Optional<PoolProposal> now = image.proposal().pool(pool.name);
                Worth worth =
                        Worth.of(view, pool, now.map(PoolProposal::utilisation).orElse(0.0));
                Handover handover = pools.computeIfAbsent(pool.name, name -> new Handover());
                if (worth.serviceSeconds > 0
                        && handover.look(answer, record, worth.serviceSeconds, worth.gainSeconds, nowNanos)) {
                    next.add(pool.name);
                }
                tell(pool.name, next.contains(pool.name), answer, record, worth);
            }
        }
        pools.keySet().retainAll(view.pools.keySet());
        over = Set.copyOf(next);
    }

    private void tell(String pool, boolean handedOver, double answer, double record, Worth worth) {
        if (handedOver == over.contains(pool)) {
            return;
        }
        if (handedOver) {
            log.warn(
                    "pool {}: checks take {} ms (worth it: {}), records come {} ms late (at most {}); its requests go by the split",
                    pool,
                    millis(answer),
                    millis(Handover.mostCheckSeconds(worth.serviceSeconds, worth.gainSeconds)),
                    millis(record),
                    millis(Handover.mostRecordSeconds(worth.serviceSeconds)));
        } else {
            log.info("pool {}: checks and records are in time again; its requests are picked for", pool);
        }
    }

    private static String millis(double seconds) {
        return Double.isNaN(seconds) ? "?" : Double.toString(Math.round(seconds * 1e4) / 10.0);
    }

    /**
     * What a pick is worth to a pool.
     *
     * @param serviceSeconds mean service time {@code w sum s / sum mu} of who may be called; 0 = nobody
     */
    private record Worth(double serviceSeconds, double gainSeconds) {
        static Worth of(MeshView view, PoolView pool, double utilisation) {
            int[] slots = new int[pool.regular];
            double[] capacity = new double[pool.regular];
            double allSlots = 0;
            double all = 0;
            for (int i = 0; i < pool.regular; i++) {
                ProviderState state = view.state(view.providers.get(pool.callable[i]));
                slots[i] = state == null ? 1 : Math.max(1, state.slots());
                capacity[i] = state == null ? 0 : Math.max(0, state.trustedCapacity()) / pool.work;
                if (capacity[i] > 0) {
                    allSlots += slots[i];
                    all += capacity[i];
                }
            }
            return new Worth(all > 0 ? allSlots / all : 0, PickGain.seconds(slots, capacity, utilisation));
        }
    }
}
