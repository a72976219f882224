package dev.weir.control.admission;

import dev.weir.control.admission.AdmissionListener.Outcome;
import dev.weir.xds.check.CheckAnswer;
import dev.weir.xds.check.CheckAnswer.Pass;
import dev.weir.xds.check.CheckAnswer.Refuse;
import dev.weir.xds.check.CheckedRequest;
import dev.weir.xds.telemetry.AccessRecord;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request's way through the stages of a chain, with all that they took for it, until its call is over. Serial, like the
 * chain.
 */
public final class Passage {
    /** From the last attempt's record to the call's, at most: they leave a sidecar together. */
    private static final long LATE_NANOS = 60_000_000_000L;

    private final AdmissionChain chain;
    private final CheckedRequest check;
    private final long sinceNanos;
    /**
     * The newest who asked. Null once he has his answer, or nobody can have it any more: an answer's way back is not kept for as
     * long as the call lasts.
     */
    private @Nullable Consumer<CheckAnswer> asker;
    /** When the newest who asked does not wait any more; of one who has his answer, when that was known. */
    private long settledNanos;

    /** The one that has it, or gave the last answer. */
    private int stage;
    /** By stage; null where none took anything. */
    private @Nullable Reservation @Nullable [] taken;
    /** What to do if who asked leaves while a stage holds it. */
    private @Nullable Runnable whenLeft;

    private Pass answer = Pass.UNCHANGED;
    /** Whether its last attempt was heard of. */
    private boolean served;

    private long overNanos;

    Passage(AdmissionChain chain, CheckedRequest check, Consumer<CheckAnswer> asker, long sinceNanos) {
        this.chain = chain;
        this.check = check;
        this.asker = asker;
        this.sinceNanos = sinceNanos;
        this.settledNanos = sinceNanos + check.patienceNanos();
    }

    public CheckedRequest check() {
        return check;
    }

    /** When it was asked for first, monotonic. */
    public long sinceNanos() {
        return sinceNanos;
    }

    /**
     * The time after which no answer that lets the request go on is on its way to a sidecar, monotonic: it has arrived by then, or
     * is not waited for. Ahead of now while one may still arrive.
     */
    public long settledNanos() {
        return settledNanos;
    }

    /** The next stage is asked. The one that says so has taken nothing. */
    public void pass() {
        whenLeft = null;
        stage++;
        chain.ask(this, stage);
    }

    /** The next stage is asked. */
    public void pass(Reservation reservation) {
        take(reservation);
        pass();
    }

    /**
     * The request waits; the stage answers later.
     *
     * @param left what to do if who asked leaves first
     */
    public void hold(Runnable left) {
        whenLeft = left;
        chain.keep(this);
    }

    /** The request is answered by its sidecar, and what stages before this one took goes back. */
    public void refuse(Refuse refusal, Outcome outcome) {
        chain.tell(asker, refusal, check.pool(), outcome, heldNanos());
        cancel();
    }

    /**
     * The request goes on: the last stage's word.
     *
     * @param reservation null = it took nothing; else it is for this stage to find out when the call is lost
     * @param outcome null = not counted
     * @param longestNanos of a call: then it is over, whether anything was heard of it or not
     */
    public void admit(@Nullable Reservation reservation, Pass pass, @Nullable Outcome outcome, long longestNanos) {
        chain.tell(asker, pass, check.pool(), outcome, heldNanos());
        whenLeft = null;
        answer = pass;
        overNanos = chain.nowNanos() + longestNanos;
        if (reservation != null) {
            take(reservation);
            chain.keep(this);
        } else if (taken != null) {
            chain.keep(this);
            chain.watch(this);
        } else {
            chain.forget(this);
        }
    }

    private void take(Reservation reservation) {
        if (taken == null) {
            taken = new Reservation[chain.stages()];
        }
        taken[stage] = reservation;
    }

    private long heldNanos() {
        return whenLeft == null ? Answered.NOT_HELD : chain.nowNanos() - sinceNanos;
    }

    /** The last stage has heard enough of the call to end its own reservation; the others wait for the call's own record. */
    public void completeLast(AccessRecord record) {
        Reservation last = taken == null ? null : taken[stage];
        if (taken != null && last != null) {
            served = true;
            asker = null;
            overNanos = chain.nowNanos() + LATE_NANOS;
            taken[stage] = null;
            last.complete(record);
            for (Reservation each : taken) {
                if (each != null) {
                    chain.watch(this);
                    return;
                }
            }
            chain.forget(this);
        }
    }

    /** The newest who asks for what is held gets the answer; what went on goes on the same way. */
    void again(CheckedRequest newest, Consumer<CheckAnswer> who) {
        if (isHeld()) {
            chain.tell(asker, AdmissionChain.inUse(check), check.pool(), Outcome.IN_USE, Answered.NOT_HELD);
        } else {
            chain.tell(who, answer, check.pool(), Outcome.REPEATED, Answered.NOT_HELD);
        }
        asker = who;
        settledNanos = chain.nowNanos() + newest.patienceNanos();
    }

    /** Who asked has his answer; the others that were given are refusals, or of those who had left. */
    void arrived(Consumer<CheckAnswer> who) {
        if (asker == who) {
            begun();
        }
    }

    /** A sidecar has the answer. */
    public void begun() {
        if (!isHeld()) {
            asker = null;
            settledNanos = Math.min(settledNanos - chain.nowNanos(), 0) + chain.nowNanos();
        }
    }

    /** The newest who asked is gone without the answer. Who asked before him asked again because he had left. */
    void left(Consumer<CheckAnswer> who) {
        Runnable deed = whenLeft;
        if (asker != who) {
            return;
        }
        if (deed == null) {
            if (!served) {
                cancel();
            }
        } else {
            chain.tell(null, Pass.UNCHANGED, check.pool(), Outcome.LEFT, heldNanos());
            whenLeft = null;
            try {
                deed.run();
            } finally {
                cancel();
            }
        }
    }

    boolean isHeld() {
        return whenLeft != null;
    }

    boolean isServed() {
        return served;
    }

    boolean isOver(long nowNanos) {
        return overNanos - nowNanos <= 0;
    }

    /** Takes note that the call is over. */
    void complete(AccessRecord record) {
        end(each -> each.complete(record));
    }

    /** Gives everything back, as the request never went on. */
    void cancel() {
        end(Reservation::cancel);
    }

    /** The call is lost: how it ended will not be known any more. */
    public void expire() {
        end(Reservation::expire);
    }

    private void end(Consumer<Reservation> by) {
        chain.forget(this);
        whenLeft = null;
        @Nullable Reservation[] all = taken;
        taken = null;
        if (all != null) {
            end(all, stage, by);
        }
    }

    /** The last taken first; one that fails keeps none of the others from its end. */
    private static void end(@Nullable Reservation[] all, int stage, Consumer<Reservation> by) {
        Reservation each = all[stage];
        try {
            if (each != null) {
                by.accept(each);
            }
        } finally {
            if (stage > 0) {
                end(all, stage - 1, by);
            }
        }
    }
}
