package dev.weir.control.testbed.load;

import java.util.Optional;

/**
 * What became of a call.
 *
 * @param call as planned
 * @param status HTTP status, 0 = no answer
 * @param answered whether a 2xx came whole (a stream up to its {@code [DONE]})
 * @param responseNanos from the intended send time to the last byte, or to the failure
 * @param serviceNanos time in service as the provider measured it, 0 = unknown
 * @param tokens {@code usage.total_tokens} as the caller saw them, 0 = none seen
 * @param headers Weir's headers on the answer
 * @param problem why it was not answered; empty when it was
 */
public record CallResult(
        PlannedCall call,
        int status,
        boolean answered,
        long responseNanos,
        long serviceNanos,
        long tokens,
        SeenHeaders headers,
        Optional<String> problem) {
    /** Everything but service: queues, Envoy, network, lateness of the sender. */
    public long waitNanos() {
        return Math.max(0, responseNanos - serviceNanos);
    }

    /** Whether it was shed with the promise that a later try may succeed. */
    public boolean refused() {
        return status == 429;
    }
}
