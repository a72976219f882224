package dev.weir.control.pick;

import dev.weir.control.loop.Event;
import dev.weir.control.loop.Inbox;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Image;
import dev.weir.control.model.Publisher;
import dev.weir.control.pick.PickState.Answered;
import dev.weir.control.pick.PickState.Update;
import dev.weir.xds.check.CheckAnswer;
import dev.weir.xds.check.CheckHandler;
import dev.weir.xds.check.CheckedRequest;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.LoadReport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Picks a provider for each request of governed pools: the lock around a {@link PickState}, the clock it goes by, and who is
 * told of what it decides. What is asked for it reports to the loop.
 *
 * <p>Any thread; one lock, held for microseconds. Answers are given, and counted, outside of it.
 */
public final class Picker implements CheckHandler, Publisher {
    private final Object lock = new Object();
    private final Inbox inbox;
    private final LongSupplier nanos;
    private final PickListener listener;
    private final PickState state;
    private Runnable onHeld = () -> {};

    /**
     * @param nanos monotonic nanoseconds
     * @param state nobody else's from now on
     */
    public Picker(Inbox inbox, LongSupplier nanos, PickListener listener, PickState state) {
        this.inbox = inbox;
        this.nanos = nanos;
        this.listener = listener;
        this.state = state;
    }

    @Override
    public Runnable check(CheckedRequest check, Consumer<CheckAnswer> answer) {
        List<Answered> due = new ArrayList<>(1);
        synchronized (lock) {
            boolean held = state.holds();
            state.check(check, answer, nanos.getAsLong(), due);
            if (!held && state.holds()) {
                onHeld.run();
            }
        }
        tell(due);
        return () -> left(check, answer);
    }

    private void left(CheckedRequest check, Consumer<CheckAnswer> answer) {
        List<Answered> due = new ArrayList<>();
        synchronized (lock) {
            state.left(check, answer, nanos.getAsLong(), due);
        }
        tell(due);
    }

    private void tell(List<Answered> due) {
        for (Answered each : due) {
            each.tell(listener);
        }
    }

    /** Fresh copies of records, repeated ones among them. */
    public void records(List<AccessRecord> records) {
        List<Answered> due = new ArrayList<>();
        synchronized (lock) {
            state.records(records, nanos.getAsLong(), due);
        }
        tell(due);
    }

    /** A sidecar's load report. */
    public void load(LoadReport report) {
        synchronized (lock) {
            state.load(report);
        }
    }

    /** A sidecar's discovery stream opened or ended. */
    public void connection(String node, boolean connected) {
        synchronized (lock) {
            state.connection(node, connected);
        }
    }

    @Override
    public void publish(Image image, boolean released) {
        if (image.decision().isEmpty()) {
            return;
        }
        Decision decision = image.decision().get();
        MeshView next = new MeshView(image, decision);
        List<Answered> due = new ArrayList<>();
        Update update;
        synchronized (lock) {
            update = state.update(image, decision, next, nanos.getAsLong(), due);
        }
        if (update.dropped() > 0) {
            listener.dropped(update.dropped());
        }
        tell(due);
        if (!update.offered().isEmpty()) {
            inbox.offer(new Event.Checks(update.offered()));
        }
        if (!update.handover().equals(image.handedOver())) {
            inbox.offer(new Event.HandedOver(update.handover()));
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
            return state.holds();
        }
    }

    /** Refuses those who have waited as long as one may. To be called some 20 times a second while anybody {@link #holds waits}. */
    public void expire() {
        List<Answered> due = new ArrayList<>();
        synchronized (lock) {
            state.expire(nanos.getAsLong(), due);
        }
        tell(due);
    }

    /** Checks that wait in a pool now. */
    public int waiting(String pool) {
        synchronized (lock) {
            return state.waiting(pool);
        }
    }

    /** How many grants have not ended. */
    public int grants() {
        synchronized (lock) {
            return state.grants();
        }
    }

    /** What a provider is thought to have in flight; 0 for one that is not known. */
    public int inFlight(String provider) {
        synchronized (lock) {
            return state.inFlight(provider);
        }
    }

    /** From an attempt's end to our hearing of it, mean, seconds. */
    public double lagSeconds() {
        synchronized (lock) {
            return state.lagSeconds();
        }
    }

    /** What an answer takes, as sidecars see it, without the time for which it is held; NaN = not known yet. */
    public double answerSeconds() {
        synchronized (lock) {
            return state.answerSeconds();
        }
    }
}
