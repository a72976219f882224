package dev.weir.control.admission;

import static dev.weir.control.admission.Answered.NOT_HELD;

import dev.weir.control.admission.AdmissionListener.Outcome;
import dev.weir.xds.check.CheckAnswer;
import dev.weir.xds.check.CheckedRequest;
import dev.weir.xds.check.Refusals;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.wire.ErrorCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The stages that a request passes, in their order, and the requests that are on their way: whoever asks again for one of them
 * asks no stage again. What stages took for a request is ended once: by its call's record, when who asked has left, when a later
 * stage refuses, or when the call is lost.
 *
 * <p>Serial, one step after the other: {@link #begin}, what happened, {@link #end}. What is to be told comes out at a step's end.
 */
public final class AdmissionChain {
    private final List<AdmissionStage> stages;
    /** By request id: those that are held, and those that went on and for which a stage took something. */
    private final Map<String, Passage> passages = new HashMap<>();
    /** Of these, the ones that the last stage does not look after. */
    private final Set<Passage> watched = new LinkedHashSet<>();

    private List<Answered> told = new ArrayList<>();
    private long nowNanos;

    /** @param stages in their order; the last one picks */
    public AdmissionChain(List<AdmissionStage> stages) {
        this.stages = List.copyOf(stages);
    }

    /** Begins a step. */
    public void begin(long nowNanos) {
        this.nowNanos = nowNanos;
    }

    /**
     * The step is over.
     *
     * @return what is to be told, in order
     */
    public List<Answered> end() {
        if (told.isEmpty()) {
            return List.of();
        }
        List<Answered> all = told;
        told = new ArrayList<>(1);
        return all;
    }

    /**
     * Takes a check that came.
     *
     * @return for {@link #left}, if the one who asks leaves
     */
    public Passage check(CheckedRequest check, Consumer<CheckAnswer> asker) {
        Passage earlier = passages.get(check.requestId());
        Passage passage = new Passage(this, check, asker, nowNanos);
        if (earlier == null || earlier.isServed()) {
            if (earlier != null) {
                earlier.expire();
            }
            ask(passage, 0);
            return passage;
        }
        if (earlier.check().pool().equals(check.pool())) {
            earlier.again(check, asker);
            return earlier;
        }
        tell(asker, inUse(check), check.pool(), Outcome.IN_USE, NOT_HELD);
        return passage;
    }

    /** Takes note that the sidecar that asked is gone, and has no answer. */
    public void left(Passage passage, Consumer<CheckAnswer> asker) {
        if (passages.get(passage.check().requestId()) == passage) {
            passage.left(asker);
        }
    }

    /** Takes note that the sidecar that asked has the answer. */
    public void arrived(Passage passage, Consumer<CheckAnswer> asker) {
        if (passages.get(passage.check().requestId()) == passage) {
            passage.arrived(asker);
        }
    }

    /** Takes a call's record that was seen, for the first time or again. */
    public void complete(AccessRecord call) {
        Passage passage = passages.get(call.identity().requestId());
        if (passage != null && !passage.isHeld()) {
            passage.complete(call);
        }
    }

    /** Ends what was taken for calls that are over, or must be, and were not heard of. To be called once a second or so. */
    public void lapse() {
        for (Passage passage : List.copyOf(watched)) {
            if (passage.isOver(nowNanos)) {
                passage.expire();
            }
        }
    }

    /** What must not outlive the call, if a stage fails, must not outlive the failure. */
    void ask(Passage passage, int stage) {
        try {
            stages.get(stage).ask(passage, nowNanos);
        } catch (RuntimeException e) {
            passage.cancel();
            throw e;
        }
    }

    int stages() {
        return stages.size();
    }

    long nowNanos() {
        return nowNanos;
    }

    void tell(
            @Nullable Consumer<CheckAnswer> to,
            CheckAnswer answer,
            String pool,
            @Nullable Outcome outcome,
            long heldNanos) {
        told.add(new Answered(to, answer, pool, outcome, heldNanos));
    }

    void keep(Passage passage) {
        passages.put(passage.check().requestId(), passage);
    }

    void watch(Passage passage) {
        watched.add(passage);
    }

    void forget(Passage passage) {
        passages.remove(passage.check().requestId(), passage);
        watched.remove(passage);
    }

    static CheckAnswer inUse(CheckedRequest check) {
        return Refusals.of(
                409,
                ErrorCode.REQUEST_ID_IN_USE,
                "x-request-id: another request has it (expected: one of its own).",
                check.requestId());
    }
}
