package dev.weir.control.pick;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.weir.control.admission.AdmissionChain;
import dev.weir.control.admission.AdmissionStage;
import dev.weir.control.admission.Answered;
import dev.weir.control.admission.Passage;
import dev.weir.control.loop.Event;
import dev.weir.control.loop.Inbox;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Image;
import dev.weir.control.model.Publisher;
import dev.weir.control.pick.PickState.Update;
import dev.weir.xds.check.AnswerListener;
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
 * Admits requests, and picks a provider for each one of governed pools: the lock around an {@link AdmissionChain} that ends in a
 * {@link PickState}, the clock it goes by, and who is told of what it decides. What is asked for it reports to the loop.
 *
 * <p>One lock, held for microseconds. Answers are given, and counted, outside of it.
 */
@ThreadSafe
public final class Picker implements CheckHandler, Publisher {
    private final Object lock = new Object();
    private final Inbox inbox;
    private final LongSupplier nanos;
    private final PickListener listener;

    @GuardedBy("lock")
    private final PickState state;

    @GuardedBy("lock")
    private final AdmissionChain chain;

    @GuardedBy("lock")
    private Runnable onHeld = () -> {};

    /**
     * @param nanos monotonic nanoseconds
     * @param before what a request has to pass before the pick, in order; nobody else's from now on, like {@code state}
     */
    public Picker(
            Inbox inbox, LongSupplier nanos, PickListener listener, List<AdmissionStage> before, PickState state) {
        this.inbox = inbox;
        this.nanos = nanos;
        this.listener = listener;
        this.state = state;
        List<AdmissionStage> stages = new ArrayList<>(before);
        stages.add(state);
        this.chain = new AdmissionChain(stages);
    }

    @Override
    public AnswerListener check(CheckedRequest check, Consumer<CheckAnswer> answer) {
        Passage passage;
        List<Answered> due;
        synchronized (lock) {
            boolean held = state.holds();
            chain.begin(nanos.getAsLong());
            passage = chain.check(check, answer);
            due = chain.end();
            if (!held && state.holds()) {
                onHeld.run();
            }
        }
        tell(due);
        return new AnswerListener() {
            @Override
            public void arrived() {
                synchronized (lock) {
                    chain.begin(nanos.getAsLong());
                    chain.arrived(passage, answer);
                }
            }

            @Override
            public void left() {
                Picker.this.left(check, passage, answer);
            }
        };
    }

    private void left(CheckedRequest check, Passage passage, Consumer<CheckAnswer> answer) {
        step((stages, picks, at) -> {
            stages.left(passage, answer);
            picks.givenUp(check);
        });
    }

    /** Takes fresh copies of records, repeated ones among them. */
    public void records(List<AccessRecord> records) {
        step((stages, picks, at) -> {
            for (AccessRecord record : records) {
                picks.record(record, at);
                if (record.identity().kind() == AccessRecord.Kind.CALL) {
                    stages.complete(record);
                }
            }
        });
    }

    /** What happens while the lock is held. */
    private interface Happening {
        void at(AdmissionChain stages, PickState picks, long nanos);
    }

    /** Something happens, and who waits for what became free by it goes; then all are told. */
    private void step(Happening happening) {
        List<Answered> due;
        synchronized (lock) {
            long at = nanos.getAsLong();
            chain.begin(at);
            happening.at(chain, state, at);
            state.serve(at);
            due = chain.end();
        }
        tell(due);
    }

    private void tell(List<Answered> due) {
        for (Answered each : due) {
            each.tell(listener);
        }
    }

    /** Takes a sidecar's load report. */
    public void load(LoadReport report) {
        synchronized (lock) {
            state.load(report);
        }
    }

    /** Takes note that a sidecar's discovery stream opened or ended. */
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
        Update update;
        List<Answered> due;
        synchronized (lock) {
            long at = nanos.getAsLong();
            chain.begin(at);
            update = state.update(image, decision, next, at);
            chain.lapse();
            state.serve(at);
            due = chain.end();
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

    /** Whether a check waits, so that {@link #expire} has something to do. */
    boolean holds() {
        synchronized (lock) {
            return state.holds();
        }
    }

    /**
     * Refuses the checks that have waited as long as one may. To be called some 20 times a second while anybody {@link #holds
     * waits}.
     */
    public void expire() {
        step((stages, picks, at) -> picks.expire(at));
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

    /** Time from an attempt's end to our hearing of it, mean, seconds. */
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
