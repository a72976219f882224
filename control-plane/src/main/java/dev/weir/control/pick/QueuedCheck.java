package dev.weir.control.pick;

import dev.weir.xds.check.CheckAnswer;
import dev.weir.xds.check.CheckedRequest;
import java.util.function.Consumer;

/** A check that waits for room. Times are monotonic. */
final class QueuedCheck {
    final CheckedRequest check;
    /** Tells apart those that came at once. */
    final long number;

    final long sinceNanos;
    final long deadlineNanos;
    /** No place is earlier: nobody waits longer than the longest wait. */
    final long earliestNanos;
    /** Its place in the order: when the request came first, as far as is known. */
    long placeNanos;

    Consumer<CheckAnswer> answer;

    /**
     * @param longestNanos that one may wait
     * @param waitedNanos before this check, 0 - {@code longestNanos}
     */
    QueuedCheck(
            CheckedRequest check,
            long number,
            long sinceNanos,
            long longestNanos,
            long waitedNanos,
            Consumer<CheckAnswer> answer) {
        this.check = check;
        this.number = number;
        this.sinceNanos = sinceNanos;
        this.deadlineNanos = sinceNanos + longestNanos - waitedNanos;
        this.earliestNanos = sinceNanos - longestNanos;
        this.placeNanos = sinceNanos - waitedNanos;
        this.answer = answer;
    }
}
