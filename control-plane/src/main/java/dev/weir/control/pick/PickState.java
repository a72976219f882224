package dev.weir.control.pick;

import dev.weir.control.model.Decision;
import dev.weir.control.model.Image;
import dev.weir.control.pick.CheckQueue.QueueOrder;
import dev.weir.control.pick.CheckQueue.QueuedCheck;
import dev.weir.control.pick.GrantTable.Grant;
import dev.weir.control.pick.MeshView.PoolView;
import dev.weir.control.pick.PickListener.Outcome;
import dev.weir.weights.pick.LeastWait;
import dev.weir.xds.check.CheckAnswer;
import dev.weir.xds.check.CheckAnswer.Pass;
import dev.weir.xds.check.CheckedRequest;
import dev.weir.xds.check.Refusals;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.LoadReport;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which request gets which provider, and which one waits: grants and their ends and the queue, nothing else. What providers can
 * do it reads from the newest view of the mesh. It reads no clock and tells nobody: the time comes in, and what is to be told is
 * added to a list.
 *
 * <p>Serial. Times are monotonic nanoseconds.
 */
public final class PickState {
    private static final long RESYNC_NANOS = 1_000_000_000L;

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

    /**
     * What became of a check.
     *
     * @param to who gets {@code answer}
     * @param outcome null = not counted
     * @param heldNanos for how long it was held; {@link #NOT_HELD}
     */
    record Answered(
            Consumer<CheckAnswer> to,
            CheckAnswer answer,
            String pool,
            @Nullable Outcome outcome,
            long heldNanos) {
        static final long NOT_HELD = -1;

        static Answered atOnce(Consumer<CheckAnswer> to, CheckAnswer answer, String pool, Outcome outcome) {
            return new Answered(to, answer, pool, outcome, NOT_HELD);
        }

        static Answered left(QueuedCheck held, long at) {
            return new Answered(
                    Answered::nobody, Pass.UNCHANGED, held.check.pool(), Outcome.LEFT, at - held.sinceNanos);
        }

        private static void nobody(CheckAnswer answer) {}

        void tell(PickListener listener) {
            if (outcome != null) {
                listener.checked(pool, outcome);
            }
            if (heldNanos != NOT_HELD) {
                listener.held(pool, heldNanos);
            }
            to.accept(answer);
        }
    }

    /** A check came. */
    void check(CheckedRequest check, Consumer<CheckAnswer> answer, long at, List<Answered> out) {
        GrantTable own = grants;
        if (own == null) {
            out.add(Answered.atOnce(answer, Pass.UNCHANGED, "", Outcome.PASSED));
            return;
        }
        PoolView pool = own.view().pools.get(check.pool());
        if (pool == null) {
            out.add(Answered.atOnce(answer, Verdicts.unknownPool(check), "", Outcome.UNKNOWN_POOL));
            return;
        }
        if (pool.governed == null) {
            out.add(Answered.atOnce(answer, Pass.UNCHANGED, pool.name, Outcome.PASSED));
            return;
        }
        if (asked(own, check, answer, out)) {
            return;
        }
        offered.merge(pool.name, 1L, Long::sum);
        waiting.heard(check, at);
        if (own.size() >= mostGrants) {
            refuse(check, answer, Outcome.FULL, "More requests than can be kept track of are under way.", at, out);
            return;
        }
        Pass pass = grant(own, pool, check, at, at);
        if (pass != null) {
            out.add(Answered.atOnce(answer, pass, pool.name, Outcome.PICKED));
        } else {
            waitOrRefuse(own, pool, check, answer, at, out);
        }
    }

    /**
     * Whether the same id was asked for before, after a broken connection or by somebody's mistake: it gets the same grant, and
     * of what is held the newest who asks gets the answer.
     */
    private boolean asked(GrantTable own, CheckedRequest check, Consumer<CheckAnswer> answer, List<Answered> out) {
        Grant granted = own.find(check.requestId());
        QueuedCheck held = waiting.find(check.requestId());
        if (granted != null && granted.pool.equals(check.pool())) {
            out.add(Answered.atOnce(answer, granted.answer, granted.pool, Outcome.REPEATED));
        } else if (granted == null && held != null && held.check.pool().equals(check.pool())) {
            out.add(Answered.atOnce(held.answer, Verdicts.inUse(check), check.pool(), Outcome.IN_USE));
            held.answer = answer;
        } else if (granted != null || held != null) {
            out.add(Answered.atOnce(answer, Verdicts.inUse(check), check.pool(), Outcome.IN_USE));
        }
        return granted != null || held != null;
    }

    /** Null where the request has to wait, or nobody can take it. */
    private @Nullable Pass grant(GrantTable own, PoolView pool, CheckedRequest check, long sinceNanos, long at) {
        MeshView now = own.view();
        LeastWait choice = own.choice();
        if (!chooser.follows(now, pool, choice, check.follows())) {
            boolean fromQueue = waiting.find(check.requestId()) != null;
            if (check.mayWait() && !fromQueue && waiting.count(pool.name) > 0) {
                return null; // behind those who came before
            }
            if (!chooser.choose(now, pool, choice, check.mayWait(), at)) {
                return null;
            }
        }
        Pass pass = chooser.pass(now, pool, choice, at - sinceNanos);
        String provider = now.providers.get(choice.first());
        String second = choice.second() == LeastWait.NONE ? null : now.providers.get(choice.second());
        own.add(new Grant(check, provider, second, sinceNanos, at, pass));
        handovers.granted(check.requestId());
        return pass;
    }

    private void waitOrRefuse(
            GrantTable own,
            PoolView pool,
            CheckedRequest check,
            Consumer<CheckAnswer> answer,
            long at,
            List<Answered> out) {
        if (!chooser.anybody(own.view(), pool) || !check.mayWait()) {
            refuse(check, answer, Outcome.NO_PROVIDER, "No provider of this pool can take requests now.", at, out);
        } else if (waiting.count(pool.name) >= pool.bounds.requests()) {
            refuse(check, answer, Outcome.FULL, "Too many requests wait for this pool; try again.", at, out);
        } else {
            waiting.add(check, pool.bounds.time().toNanos(), at, answer);
        }
    }

    private void refuse(
            CheckedRequest check,
            Consumer<CheckAnswer> answer,
            Outcome outcome,
            String message,
            long at,
            List<Answered> out) {
        out.add(Answered.atOnce(answer, busy(check, outcome, message, at), check.pool(), outcome));
    }

    private CheckAnswer busy(CheckedRequest check, Outcome outcome, String message, long at) {
        return Verdicts.busy(check, outcome, message, waiting.retryAfterMillis(check.pool(), at));
    }

    /** The one who asked is gone: out of the queue, or what it was given goes back. */
    void left(CheckedRequest check, Consumer<CheckAnswer> answer, long at, List<Answered> out) {
        GrantTable own = grants;
        QueuedCheck held = waiting.find(check.requestId());
        if (held != null && held.answer == answer) {
            waiting.left(held);
            out.add(Answered.left(held, at));
        }
        if (!check.mayWait()) {
            handovers.givenUp(check.requestId());
        }
        Grant grant = own == null ? null : own.find(check.requestId());
        if (own != null && grant != null && grant.pool.equals(check.pool())) {
            own.remove(grant);
            serve(own, Set.of(check.pool()), at, out);
        }
    }

    /** Fresh copies of records, repeated ones among them. */
    void records(List<AccessRecord> records, long at, List<Answered> out) {
        GrantTable own = grants;
        if (own == null) {
            return;
        }
        MeshView now = own.view();
        Set<String> freed = new TreeSet<>();
        for (AccessRecord record : records) {
            handovers.heard(record);
            Grant grant = own.find(record.identity().requestId());
            if (grant != null && ended(own, grant, record, at)) {
                Integer k = now.index.get(
                        record.route().provider().isEmpty()
                                ? grant.provider
                                : record.route().provider());
                freed.addAll(k == null ? Set.of(grant.pool) : now.served.get(k));
            }
        }
        if (!freed.isEmpty()) {
            serve(own, freed, at, out);
        }
    }

    /** Whether a provider has room because of it. */
    private boolean ended(GrantTable own, Grant grant, AccessRecord record, long at) {
        if (record.identity().kind() == AccessRecord.Kind.CALL) {
            own.remove(grant);
            return true;
        }
        if (record.identity().attempt() != grant.attempt
                || !record.route().provider().equals(grant.provider)) {
            return false; // heard of before, or not the one that was granted
        }
        long ended = record.timing().startMicros() + record.timing().durationMicros();
        if (record.identity().attempt() == 1) {
            handovers.ended(record.identity().sidecar(), grant, ended, at / 1_000);
        }
        PoolView pool = own.view().pools.get(grant.pool);
        if (grant.attempt == 1 && grant.second != null && pool != null && pool.isRetried(record)) {
            own.move(grant, grant.second, at);
        } else {
            own.remove(grant);
        }
        return true;
    }

    /** A sidecar's load report. */
    void load(LoadReport report) {
        gauges.report(report);
    }

    /** A sidecar's discovery stream opened or ended. */
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

    /** There is a new image, of which {@code decision} is the one that is in force. */
    Update update(Image image, Decision decision, MeshView next, long at, List<Answered> out) {
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
        waiting.retain(next.picked)
                .forEach(held ->
                        out.add(new Answered(held.answer, Pass.UNCHANGED, held.check.pool(), null, Answered.NOT_HELD)));
        serve(own, next.pools.keySet(), at, out);
        Update update = new Update(dropped, Map.copyOf(offered), handovers.over());
        offered.clear();
        return update;
    }

    /** Refuses those who have waited as long as one may. */
    void expire(long at, List<Answered> out) {
        for (QueuedCheck held : waiting.expired(at)) {
            waiting.remove(held);
            CheckAnswer late = busy(held.check, Outcome.EXPIRED, "No provider had room in time; try again.", at);
            out.add(new Answered(held.answer, late, held.check.pool(), Outcome.EXPIRED, at - held.sinceNanos));
        }
    }

    /** Who waits for {@code pools} goes where there is room, in order. */
    private void serve(GrantTable own, Collection<String> pools, long at, List<Answered> out) {
        if (waiting.isEmpty()) {
            return;
        }
        Set<String> open = new TreeSet<>(pools);
        for (Optional<QueuedCheck> next = waiting.next(open); next.isPresent(); next = waiting.next(open)) {
            QueuedCheck held = next.get();
            PoolView pool = own.view().pools.get(held.check.pool());
            Pass pass = pool == null ? null : grant(own, pool, held.check, held.sinceNanos, at);
            if (pass == null) {
                open.remove(held.check.pool());
            } else {
                waiting.remove(held);
                waiting.released(held.check.pool(), at);
                out.add(new Answered(held.answer, pass, held.check.pool(), Outcome.PICKED, at - held.sinceNanos));
            }
        }
    }

    /** Whether anybody waits, so that {@link #expire} has something to do. */
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

    /** From an attempt's end to our hearing of it, mean, seconds. */
    double lagSeconds() {
        return handovers.recordSeconds();
    }

    /** What an answer takes, as sidecars see it, without the time for which it is held; NaN = not known yet. */
    double answerSeconds() {
        return handovers.answerSeconds();
    }

    /** Refusals, in words. */
    private static final class Verdicts {
        private static final String INVALID = "invalid_request_error";

        private Verdicts() {}

        static CheckAnswer unknownPool(CheckedRequest check) {
            return Refusals.of(
                    404,
                    INVALID,
                    "unknown_pool",
                    "There is no pool \"" + check.pool() + "\" (expected: a pool of the mesh).",
                    check.requestId());
        }

        static CheckAnswer inUse(CheckedRequest check) {
            return Refusals.of(
                    409,
                    INVALID,
                    "request_id_in_use",
                    "x-request-id: another request has it (expected: one of its own).",
                    check.requestId());
        }

        static CheckAnswer busy(CheckedRequest check, Outcome why, String message, long retryAfterMillis) {
            String code = switch (why) {
                case NO_PROVIDER -> "no_provider";
                case EXPIRED -> "queue_timeout";
                default -> "queue_full";
            };
            return Refusals.busy(code, message, check.requestId(), retryAfterMillis);
        }
    }
}
