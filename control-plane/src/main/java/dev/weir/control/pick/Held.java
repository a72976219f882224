package dev.weir.control.pick;

import dev.weir.xds.check.Check;
import dev.weir.xds.check.CheckAnswer;
import java.util.function.Consumer;

/** A check that waits for room. */
final class Held {
    final Check check;
    /** When the request came to its sidecar, as far as that can be: never later than its check, microseconds since 1970. */
    final long arrivedMicros;
    /** Tells apart those that came at once. */
    final long number;

    final long sinceNanos;
    final long deadlineNanos;
    Consumer<CheckAnswer> answer;

    Held(
            Check check,
            long arrivedMicros,
            long number,
            long sinceNanos,
            long deadlineNanos,
            Consumer<CheckAnswer> answer) {
        this.check = check;
        this.arrivedMicros = arrivedMicros;
        this.number = number;
        this.sinceNanos = sinceNanos;
        this.deadlineNanos = deadlineNanos;
        this.answer = answer;
    }
}
