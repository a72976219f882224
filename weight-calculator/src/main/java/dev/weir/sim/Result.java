package dev.weir.sim;

import java.util.List;

/**
 * What a run measured.
 *
 * @param spans one per measured span, same order
 * @param ticks decisions asked for
 * @param pushes splits pushed to sidecars
 * @param shareMove mean over ticks of the L1 distance between successive splits, averaged over pools
 * @param backlogSlope growth of all requests in the system per second over the second half, least squares
 * @param largestBacklog most requests that ever waited
 */
public record Result(
        List<SpanResult> spans, long ticks, long pushes, double shareMove, double backlogSlope, long largestBacklog) {
    public Result {
        spans = List.copyOf(spans);
    }

    /**
     * One span. Requests that were not finished when the run ended count with the time they had waited by then.
     *
     * @param requests completed or unfinished
     * @param failed ended without an answer: refused or timed out on the last attempt
     * @param unfinished still in the system at the end
     * @param retries attempts after the first
     * @param timeouts attempts given up
     * @param waiting response less service
     * @param response from arrival to the answer
     * @param attempts attempts sent during the span, by provider
     * @param taken those of them that were not refused at once
     */
    public record SpanResult(
            String name,
            long requests,
            long failed,
            long unfinished,
            long retries,
            long timeouts,
            Times waiting,
            Times response,
            List<Long> attempts,
            List<Long> taken) {
        public SpanResult {
            attempts = List.copyOf(attempts);
            taken = List.copyOf(taken);
        }

        /** Attempts after the first, per request. */
        public double retriesPerRequest() {
            return requests == 0 ? 0 : (double) retries / requests;
        }
    }

    /** Response times, seconds. */
    public record Times(double mean, double p50, double p99) {}

    /** The first span. */
    public SpanResult whole() {
        return spans.get(0);
    }
}
