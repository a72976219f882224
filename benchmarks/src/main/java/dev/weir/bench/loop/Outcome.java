package dev.weir.bench.loop;

/**
 * What became of a job.
 *
 * @param job as planned
 * @param status HTTP status; 0 = no answer, {@link #OPEN} = none until the run ended
 * @param responseNanos from the intended send time to the whole answer, or to the end of the run
 * @param serviceNanos time in a slot as the provider measured it; 0 = unknown
 * @param attempts made by the sidecar; 1 = unknown or no retry
 */
record Outcome(Job job, int status, long responseNanos, long serviceNanos, int attempts) {
    static final int OPEN = -1;

    boolean answered() {
        return status / 100 == 2;
    }

    /** Whether it was shed with the promise that a later try may succeed. */
    boolean refused() {
        return status == 429;
    }

    double responseMillis() {
        return responseNanos / 1e6;
    }

    /** Everything but service: queues, Envoy, network, lateness of the sender. */
    double waitMillis() {
        return Math.max(0, responseNanos - serviceNanos) / 1e6;
    }
}
