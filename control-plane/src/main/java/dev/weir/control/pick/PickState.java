package dev.weir.control.pick;

import dev.weir.control.admission.AdmissionListener.Outcome;
import dev.weir.control.admission.AdmissionStage;
import dev.weir.control.admission.Passage;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Image;
import dev.weir.control.pick.CheckQueue.QueueOrder;
import dev.weir.control.pick.CheckQueue.QueuedCheck;
import dev.weir.control.pick.GrantTable.Grant;
import dev.weir.control.pick.MeshView.PoolView;
import dev.weir.weights.pick.LeastWait;
import dev.weir.xds.check.CheckAnswer.Pass;
import dev.weir.xds.check.CheckedRequest;
import dev.weir.xds.check.Refusals;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.wire.ErrorCode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The state of picking: which request gets which provider, and which one waits: grants and their ends and the queue, nothing
 * else. What providers can do it reads from the newest view of the mesh. It reads no clock and tells nobody: the time comes in,
 * and what it decides of a request it says to its passage. It is the last stage of its chain; a grant is what it reserves.
 *
 * <p>Not safe for several threads. Times are monotonic nanoseconds.
 */
public final class PickState implements AdmissionStage {
    private static final long RESYNC_NANOS = 1_000_000_000L;
    /** Beyond the longest call, until one is given up that nothing was heard of. */
    static final long SPARE_NANOS = 60_000_000_000L;

    private final int mostGrants;
    private final Gauges gauges;
    private final long term;
    private final Handovers handovers = new Handovers();
    private final CheckQueue waiting;
    private final Map<String, Long> offered = new HashMap<>();
    private final Chooser chooser;
    /** And the view of the mesh by which they are made; null until something is decided. */
    private @Nullable GrantTable grants;

    private long resyncedNanos;

    /**
     * @param term of this process: with a number it makes reservations that are never used twice
     * @param heapBytes that there may be; grants get a quarter of it, and who would exceed that is refused
     * @param startNanos when this process began to listen
     * @param order of those that wait
     */
    public PickState(long term, long heapBytes, long startNanos, QueueOrder order) {
        this.mostGrants = GrantTable.most(heapBytes);
        this.term = term;
        this.chooser = new Chooser(term);
        this.gauges = new Gauges(startNanos);
        this.waiting = new CheckQueue(order, new EarlierWaits(startNanos));
    }

    @Override
    public void ask(Passage passage, long at) {
        CheckedRequest check = passage.check();
        GrantTable own = grants;
        if (own == null) {
            passage.admit(null, Pass.UNCHANGED, Outcome.PASSED, SPARE_NANOS);
            return;
        }
        PoolView pool = own.view().pools.get(check.pool());
        if (pool == null) {
            String message = "There is no pool \"" + check.pool() + "\" (expected: a pool of the mesh).";
            passage.refuse(Refusals.of(404, ErrorCode.UNKNOWN_POOL, message, check.requestId()), Outcome.UNKNOWN_POOL);
            return;
        }
        if (!pool.picks) {
            passage.admit(null, Pass.UNCHANGED, Outcome.PASSED, pool.longestNanos + SPARE_NANOS);
            return;
        }
        offered.merge(pool.name, 1L, Long::sum);
        waiting.heard(check, at);
        if (own.size() >= mostGrants) {
            refuse(passage, Outcome.FULL, "More requests than can be kept track of are under way.", at);
        } else if (!grant(own, pool, passage, false, at)) {
            waitOrRefuse(own, pool, passage, at);
        }
    }

    /** Whether the request goes on; if not it has to wait, or nobody can take it. */
    private boolean grant(GrantTable own, PoolView pool, Passage passage, boolean fromQueue, long at) {
        CheckedRequest check = passage.check();
        MeshView now = own.view();
        LeastWait choice = own.choice();
        if (!chooser.follows(now, pool, choice, check.follows())) {
            if (check.mayWait() && !fromQueue && waiting.count(pool.name) > 0) {
                return false; // behind those who came before
            }
            if (!chooser.choose(now, pool, choice, check.mayWait(), at)) {
                return false;
            }
        }
        Pass pass = chooser.pass(now, pool, choice, at - passage.sinceNanos());
        String provider = now.providers.get(choice.first());
        String second = choice.second() == LeastWait.NONE ? null : now.providers.get(choice.second());
        Grant grant = own.add(passage, provider, second, at);
        handovers.granted(check.requestId());
        passage.admit(grant, pass, Outcome.PICKED, pool.longestNanos + SPARE_NANOS);
        return true;
    }

    private void waitOrRefuse(GrantTable own, PoolView pool, Passage passage, long at) {
        if (!chooser.anybody(own.view(), pool) || !passage.check().mayWait()) {
            refuse(passage, Outcome.NO_PROVIDER, "No provider of this pool can take requests now.", at);
        } else if (waiting.count(pool.name) >= pool.bounds.requests()) {
            refuse(passage, Outcome.FULL, "Too many requests wait for this pool; try again.", at);
        } else {
            QueuedCheck held = waiting.add(passage, pool.bounds.time().toNanos(), at);
            passage.hold(() -> waiting.left(held));
        }
    }

    private void refuse(Passage passage, Outcome outcome, String message, long at) {
        ErrorCode code = switch (outcome) {
            case NO_PROVIDER -> ErrorCode.NO_PROVIDER;
            case EXPIRED -> ErrorCode.QUEUE_TIMEOUT;
            default -> ErrorCode.QUEUE_FULL;
        };
        CheckedRequest check = passage.check();
        long retryMillis = waiting.retryAfterMillis(check.pool(), at);
        passage.refuse(Refusals.busy(code, message, check.requestId(), retryMillis), outcome);
    }

    /** Takes note that a check's answer was not waited for. */
    void givenUp(CheckedRequest check) {
        if (!check.mayWait()) {
            handovers.givenUp(check.requestId());
        }
    }

    /** Takes a record that came, perhaps again: an attempt's gives room, and a call's tells how late all is. */
    void record(AccessRecord record, long at) {
        GrantTable own = grants;
        if (own == null) {
            return;
        }
        handovers.heard(record);
        Grant grant = own.find(record.identity().requestId());
        if (grant != null && record.identity().kind() == AccessRecord.Kind.ATTEMPT) {
            ended(own, grant, record, at);
        }
    }

    private void ended(GrantTable own, Grant grant, AccessRecord record, long at) {
        if (record.identity().attempt() != grant.attempt
                || !record.route().provider().equals(grant.provider)) {
            return; // heard of before, or not the one that was granted
        }
        grant.passage.begun();
        long ended = record.timing().startMicros() + record.timing().durationMicros();
        if (record.identity().attempt() == 1) {
            handovers.ended(record.identity().sidecar(), grant, ended, at / 1_000);
        }
        PoolView pool = own.view().pools.get(grant.pool);
        if (grant.attempt == 1 && grant.second != null && pool != null && pool.isRetried(record)) {
            own.move(grant, grant.second, at);
        } else {
            grant.passage.completeLast(record);
        }
    }

    /** Takes a sidecar's load report. */
    void load(LoadReport report) {
        gauges.report(report);
    }

    /** Takes note that a sidecar's discovery stream opened or ended. */
    void connection(String node, boolean connected) {
        gauges.connection(node, connected);
    }

    /**
     * What a new image led to.
     *
     * @param dropped grants that no sidecar has
     * @param offered requests that were asked for since the last image, by pool
     * @param handover names of the pools that should go by their split
     */
    record Update(int dropped, Map<String, Long> offered, Set<String> handover) {}

    /** Takes a new image, of which {@code decision} is the one that is in force. */
    Update update(Image image, Decision decision, MeshView next, long at) {
        GrantTable own = grants == null ? new GrantTable(next, decision.epoch().term() != term) : grants;
        grants = own;
        gauges.expect(image.config().mesh().control().loadReportInterval());
        own.update(next, handovers.recordSeconds());
        int dropped = 0;
        if (at - resyncedNanos >= RESYNC_NANOS) {
            resyncedNanos = at;
            handovers.look(image, next, at);
            dropped = own.resync(gauges, at).size();
        }
        own.observeOthers(gauges, at);
        chooser.update(next);
        for (QueuedCheck held : waiting.retain(next.picked)) {
            PoolView pool = next.pools.get(held.check.pool());
            held.passage.admit(null, Pass.UNCHANGED, null, SPARE_NANOS + (pool == null ? 0 : pool.longestNanos));
        }
        own.freed().addAll(next.pools.keySet());
        Update update = new Update(dropped, Map.copyOf(offered), handovers.over());
        offered.clear();
        return update;
    }

    /** Refuses the checks that have waited as long as one may. */
    void expire(long at) {
        for (QueuedCheck held : waiting.expired(at)) {
            waiting.remove(held);
            refuse(held.passage, Outcome.EXPIRED, "No provider had room in time; try again.", at);
        }
    }

    /** Grants the checks that wait for pools that have got room, in order. */
    void serve(long at) {
        GrantTable own = grants;
        if (own == null) {
            return;
        }
        Set<String> open = own.freed();
        if (waiting.isEmpty()) {
            open.clear();
            return;
        }
        for (Optional<QueuedCheck> next = waiting.next(open); next.isPresent(); next = waiting.next(open)) {
            QueuedCheck held = next.get();
            PoolView pool = own.view().pools.get(held.check.pool());
            if (pool != null && grant(own, pool, held.passage, true, at)) {
                waiting.remove(held);
                waiting.released(held.check.pool(), at);
            } else {
                open.remove(held.check.pool());
            }
        }
        open.clear();
    }

    /** Whether a check waits, so that {@link #expire} has something to do. */
    boolean holds() {
        return !waiting.isEmpty();
    }

    /** Checks that wait in a pool. */
    int waiting(String pool) {
        return waiting.count(pool);
    }

    /** How many grants have not ended. */
    int grants() {
        return grants == null ? 0 : grants.size();
    }

    /** What a provider is thought to have in flight; 0 for one that is not known. */
    int inFlight(String provider) {
        Integer k = grants == null ? null : grants.view().index.get(provider);
        return grants == null || k == null ? 0 : grants.choice().inFlight(k);
    }

    /** Time from an attempt's end to our hearing of it, mean, seconds. */
    double lagSeconds() {
        return handovers.recordSeconds();
    }

    /** What an answer takes, as sidecars see it, without the time for which it is held; NaN = not known yet. */
    double answerSeconds() {
        return handovers.answerSeconds();
    }
}
