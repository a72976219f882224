package dev.weir.control.admission;

import dev.weir.control.admission.AdmissionListener.Outcome;
import dev.weir.xds.check.CheckAnswer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a check and what became of it, to be told once no lock is held.
 *
 * @param to who gets {@code answer}; null where nobody is there any more
 * @param pool "" = unknown
 * @param outcome null = not counted
 * @param heldNanos for how long it was held; {@value #NOT_HELD} = not at all
 */
public record Answered(
        @Nullable Consumer<CheckAnswer> to,
        CheckAnswer answer,
        String pool,
        @Nullable Outcome outcome,
        long heldNanos) {
    static final long NOT_HELD = -1;

    /** Counts it, then answers. */
    public void tell(AdmissionListener listener) {
        if (outcome != null) {
            listener.checked(pool, outcome);
            if (heldNanos != NOT_HELD) {
                listener.held(pool, heldNanos);
            }
        }
        if (to != null) {
            to.accept(answer);
        }
    }
}
