package dev.weir.control.pick;

import dev.weir.control.loop.Event;
import dev.weir.control.loop.Inbox;
import dev.weir.control.model.Image;
import dev.weir.control.model.Publisher;
import dev.weir.control.pick.MeshView.PoolView;
import dev.weir.control.pick.PickListener.Outcome;
import dev.weir.weights.pick.LeastWait;
import dev.weir.xds.check.CheckAnswer;
import dev.weir.xds.check.CheckAnswer.Pass;
import dev.weir.xds.check.CheckHandler;
import dev.weir.xds.check.CheckedRequest;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.LoadReport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Picks a provider for each request of governed pools. Its state is grants and ends and who waits, nothing else: what
 * providers can do it reads from the newest image, and what it counts it reports to the loop.
 *
 * <p>Any thread; one lock, held for microseconds. Answers are given outside of it.
 */
public final class Picker implements CheckHandler, Publisher {
    private static final long RESYNC_NANOS = 1_000_000_000L;

    private final Object lock = new Object();
    private final Inbox inbox;
    private final LongSupplier nanos;
    private final PickListener listener;
    private final int mostGrants;
    private final Gauges gauges;
    private final long term;
    private final Handovers handovers = new Handovers();
    private final CheckQueue waiting;
    private final Map<String, Long> offered = new HashMap<>();
    private final Chooser chooser;
    private @Nullable MeshView view;
    private @Nullable GrantTable books;
    private long resyncedNanos;
    private Runnable onHeld = () -> {};

    /**
     * @param term of this process: with a number it makes reservations that are never used twice
     * @param nanos monotonic nanoseconds
     * @param heapBytes that there may be; grants get a quarter of it, and who would exceed that is refused
     */
    public Picker(Inbox inbox, long term, LongSupplier nanos, PickListener listener, long heapBytes) {
        this.mostGrants = GrantTable.most(heapBytes);
        this.inbox = inbox;
        this.term = term;
        this.chooser = new Chooser(term);
        this.nanos = nanos;
        this.gauges = new Gauges(nanos.getAsLong());
        this.waiting = new CheckQueue(new OldestFirst(), new EarlierWaits(nanos.getAsLong()));
        this.listener = listener;
    }

    /** An answer and who gets it. */
    private record Due(Consumer<CheckAnswer> to, CheckAnswer answer) {}

    @Override
    public Runnable check(CheckedRequest check, Consumer<CheckAnswer> answer) {
        List<Due> due = new ArrayList<>(1);
        synchronized (lock) {
            decide(check, answer, due);
        }
        due.forEach(each -> each.to.accept(each.answer));
        return () -> left(check, answer);
    }

    private void decide(CheckedRequest check, Consumer<CheckAnswer> answer, List<Due> due) {
        MeshView now = view;
        GrantTable own = books;
        if (now == null || own == null) {
            due.add(new Due(answer, Pass.UNCHANGED));
            listener.checked("", Outcome.PASSED);
            return;
        }
        PoolView pool = now.pools.get(check.pool());
        if (pool == null) {
            listener.checked("", Outcome.UNKNOWN_POOL);
            due.add(new Due(answer, Verdicts.unknownPool(check)));
            return;
        }
        if (pool.governed == null) {
            listener.checked(pool.name, Outcome.PASSED);
            due.add(new Due(answer, Pass.UNCHANGED));
            return;
        }
        Grant granted = own.find(check.requestId());
        QueuedCheck held = waiting.find(check.requestId());
        if (granted != null || held != null) {
            again(check, answer, granted, held, due);
            return;
        }
        offered.merge(pool.name, 1L, Long::sum);
        long at = nanos.getAsLong();
        waiting.heard(check, at);
        if (own.size() >= mostGrants) {
            refuse(
                    pool,
                    check,
                    answer,
                    Outcome.FULL,
                    "More requests than can be kept track of are under way.",
                    at,
                    due);
        } else if (!grant(now, own, pool, check, at, at, answer, due)) {
            waitOrRefuse(now, pool, check, answer, at, due);
        }
    }

    /** The same id: asked again after a broken connection, or somebody's mistake. */
    private void again(
            CheckedRequest check,
            Consumer<CheckAnswer> answer,
            @Nullable Grant granted,
            @Nullable QueuedCheck held,
            List<Due> due) {
        String pool = granted != null ? granted.pool : held != null ? held.check.pool() : "";
        if (!pool.equals(check.pool())) {
            listener.checked(check.pool(), Outcome.IN_USE);
            due.add(new Due(answer, Verdicts.inUse(check)));
        } else if (granted != null) {
            listener.checked(pool, Outcome.REPEATED);
            due.add(new Due(answer, granted.answer));
        } else if (held != null) {
            listener.checked(pool, Outcome.IN_USE);
            due.add(new Due(held.answer, Verdicts.inUse(check)));
            held.answer = answer;
        }
    }

    /** Whether the request was granted; it is not where it has to wait, or nobody can take it. */
    private boolean grant(
            MeshView now,
            GrantTable own,
            PoolView pool,
            CheckedRequest check,
            long sinceNanos,
            long at,
            Consumer<CheckAnswer> answer,
            List<Due> due) {
        LeastWait choice = own.choice();
        if (!chooser.follows(now, pool, choice, check.follows())) {
            boolean fromQueue = waiting.find(check.requestId()) != null;
            if (check.mayWait() && !fromQueue && waiting.count(pool.name) > 0) {
                return false; // behind those who came before
            }
            if (!chooser.choose(now, pool, choice, check.mayWait(), at)) {
                return false;
            }
        }
        Pass pass = chooser.pass(now, pool, choice, at - sinceNanos);
        String provider = now.providers.get(choice.first());
        String second = choice.second() == LeastWait.NONE ? null : now.providers.get(choice.second());
        own.add(new Grant(check, provider, second, sinceNanos, at, pass));
        handovers.granted(check.requestId());
        listener.checked(pool.name, Outcome.PICKED);
        due.add(new Due(answer, pass));
        return true;
    }

    private void waitOrRefuse(
            MeshView now, PoolView pool, CheckedRequest check, Consumer<CheckAnswer> answer, long at, List<Due> due) {
        if (!chooser.anybody(now, pool) || !check.mayWait()) {
            refuse(
                    pool,
                    check,
                    answer,
                    Outcome.NO_PROVIDER,
                    "No provider of this pool can take requests now.",
                    at,
                    due);
        } else if (waiting.count(pool.name) >= pool.bounds.requests()) {
            refuse(pool, check, answer, Outcome.FULL, "Too many requests wait for this pool; try again.", at, due);
        } else {
            boolean first = waiting.isEmpty();
            waiting.add(check, pool.bounds.time().toNanos(), at, answer);
            if (first) {
                onHeld.run();
            }
        }
    }

    private void refuse(
            PoolView pool,
            CheckedRequest check,
            Consumer<CheckAnswer> answer,
            Outcome outcome,
            String message,
            long at,
            List<Due> due) {
        listener.checked(pool.name, outcome);
        due.add(new Due(answer, Verdicts.busy(check, outcome, message, waiting.retryAfterMillis(pool.name, at))));
    }

    /** The one who asked is gone: out of the queue, or what it was given goes back. */
    private void left(CheckedRequest check, Consumer<CheckAnswer> answer) {
        List<Due> due = new ArrayList<>();
        synchronized (lock) {
            GrantTable own = books;
            QueuedCheck held = waiting.find(check.requestId());
            if (held != null && held.answer == answer) {
                waiting.left(held);
                listener.held(check.pool(), nanos.getAsLong() - held.sinceNanos);
                listener.checked(check.pool(), Outcome.LEFT);
            }
            if (!check.mayWait()) {
                handovers.givenUp(check.requestId());
            }
            Grant grant = own == null ? null : own.find(check.requestId());
            if (own != null && grant != null && grant.pool.equals(check.pool())) {
                own.remove(grant);
                serve(Set.of(check.pool()), due);
            }
        }
        due.forEach(each -> each.to.accept(each.answer));
    }

    /** Fresh copies of records, repeated ones among them. */
    public void records(List<AccessRecord> records) {
        List<Due> due = new ArrayList<>();
        synchronized (lock) {
            MeshView now = view;
            GrantTable own = books;
            if (now == null || own == null) {
                return;
            }
            Set<String> freed = new TreeSet<>();
            for (AccessRecord record : records) {
                handovers.heard(record);
                Grant grant = own.find(record.requestId());
                if (grant != null && ended(own, now, grant, record)) {
                    Integer k = now.index.get(record.provider().isEmpty() ? grant.provider : record.provider());
                    freed.addAll(k == null ? Set.of(grant.pool) : now.served.get(k));
                }
            }
            if (!freed.isEmpty()) {
                serve(freed, due);
            }
        }
        due.forEach(each -> each.to.accept(each.answer));
    }

    /** Whether a provider has room because of it. */
    private boolean ended(GrantTable own, MeshView now, Grant grant, AccessRecord record) {
        if (record.kind() == AccessRecord.Kind.CALL) {
            own.remove(grant);
            return true;
        }
        if (record.attempt() != grant.attempt || !record.provider().equals(grant.provider)) {
            return false; // heard of before, or not the one that was granted
        }
        long ended = record.startMicros() + record.durationMicros();
        if (record.attempt() == 1) {
            handovers.ended(record.sidecar(), grant, ended, nanos.getAsLong() / 1_000);
        }
        if (grant.attempt == 1 && grant.second != null && RetryRule.isRetried(record, now.pools.get(grant.pool))) {
            own.move(grant, grant.second, nanos.getAsLong());
        } else {
            own.remove(grant);
        }
        return true;
    }

    /** A sidecar's load report. */
    public void load(LoadReport report) {
        synchronized (lock) {
            gauges.report(report);
        }
    }

    /** A sidecar's discovery stream opened or ended. */
    public void connection(String node, boolean connected) {
        synchronized (lock) {
            gauges.connection(node, connected);
        }
    }

    @Override
    public void publish(Image image, boolean released) {
        if (image.decision().isEmpty()) {
            return;
        }
        MeshView next = new MeshView(image, image.decision().get());
        Map<String, Long> counted;
        Set<String> handover;
        List<Due> due = new ArrayList<>();
        synchronized (lock) {
            long at = nanos.getAsLong();
            GrantTable own = books == null
                    ? new GrantTable(next, image.decision().get().epoch().term() != term)
                    : books;
            books = own;
            view = next;
            gauges.expect(image.config().mesh().loadReportInterval());
            own.update(next, handovers.recordSeconds());
            if (at - resyncedNanos >= RESYNC_NANOS) {
                resyncedNanos = at;
                handovers.look(image, next, at);
                int dropped = own.resync(gauges, at).size();
                if (dropped > 0) {
                    listener.dropped(dropped);
                }
            }
            own.observeOthers(gauges, at);
            chooser.update(next);
            waiting.retain(next.picked).forEach(held -> due.add(new Due(held.answer, Pass.UNCHANGED)));
            serve(next.pools.keySet(), due);
            handover = handovers.over();
            counted = Map.copyOf(offered);
            offered.clear();
        }
        due.forEach(each -> each.to.accept(each.answer));
        if (!counted.isEmpty()) {
            inbox.offer(new Event.Checks(counted));
        }
        if (!handover.equals(image.handedOver())) {
            inbox.offer(new Event.HandedOver(handover));
        }
    }

    /** {@code waker} is run when the first check is held after none was; it must return at once. */
    void onHeld(Runnable waker) {
        synchronized (lock) {
            onHeld = waker;
        }
    }

    /** Whether anybody waits, so that {@link #expire} has something to do. */
    boolean holds() {
        synchronized (lock) {
            return !waiting.isEmpty();
        }
    }

    /** Refuses those who have waited as long as one may. To be called some 20 times a second while anybody {@link #holds waits}. */
    public void expire() {
        List<Due> due = new ArrayList<>();
        synchronized (lock) {
            long at = nanos.getAsLong();
            for (QueuedCheck held : waiting.expired(at)) {
                waiting.remove(held);
                String pool = held.check.pool();
                listener.held(pool, at - held.sinceNanos);
                listener.checked(pool, Outcome.EXPIRED);
                due.add(new Due(
                        held.answer,
                        Verdicts.busy(
                                held.check,
                                Outcome.EXPIRED,
                                "No provider had room in time; try again.",
                                waiting.retryAfterMillis(pool, at))));
            }
        }
        due.forEach(each -> each.to.accept(each.answer));
    }

    /** Who waits for {@code pools} goes where there is room, in order. */
    private void serve(Collection<String> pools, List<Due> due) {
        MeshView now = view;
        GrantTable own = books;
        if (now == null || own == null || waiting.isEmpty()) {
            return;
        }
        long at = nanos.getAsLong();
        Set<String> open = new TreeSet<>(pools);
        for (Optional<QueuedCheck> next = waiting.next(open); next.isPresent(); next = waiting.next(open)) {
            QueuedCheck held = next.get();
            PoolView pool = now.pools.get(held.check.pool());
            if (pool != null && grant(now, own, pool, held.check, held.sinceNanos, at, held.answer, due)) {
                waiting.remove(held);
                waiting.released(pool.name, at);
                listener.held(pool.name, at - held.sinceNanos);
            } else {
                open.remove(held.check.pool());
            }
        }
    }

    /** Checks that wait in a pool now. */
    public int waiting(String pool) {
        synchronized (lock) {
            return waiting.count(pool);
        }
    }

    /** Grants now. */
    public int grants() {
        synchronized (lock) {
            return books == null ? 0 : books.size();
        }
    }

    /** What a provider is thought to have in flight; 0 for one that is not known. */
    public int inFlight(String provider) {
        synchronized (lock) {
            Integer k = view == null ? null : view.index.get(provider);
            return books == null || k == null ? 0 : books.choice().inFlight(k);
        }
    }

    /** From an attempt's end to our hearing of it, mean, seconds. */
    public double lagSeconds() {
        synchronized (lock) {
            return handovers.recordSeconds();
        }
    }

    /** What an answer takes, as sidecars see it, without the time for which it is held; NaN = not known yet. */
    public double answerSeconds() {
        synchronized (lock) {
            return handovers.answerSeconds();
        }
    }
}
