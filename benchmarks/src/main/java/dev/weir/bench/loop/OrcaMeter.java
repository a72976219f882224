package dev.weir.bench.loop;

import java.util.Locale;

/**
 * Rate of completions and utilisation of slots, both averaged exponentially over the same second: their quotient is the
 * capacity that {@code client_side_weighted_round_robin} wants to know (gRFC A58). Not safe for several threads.
 */
final class OrcaMeter {
    private static final double SECONDS = 1;

    private final int slots;
    private long atNanos;
    private double rate;
    private double utilisation;

    OrcaMeter(int slots, long nowNanos) {
        this.slots = slots;
        this.atNanos = nowNanos;
    }

    /** To be told before the number of jobs in service changes, with the number that held until now. */
    void advance(long nowNanos, int inService) {
        double kept = Math.exp(-Math.max(0, nowNanos - atNanos) / (SECONDS * 1e9));
        rate *= kept;
        utilisation = utilisation * kept + (1 - kept) * inService / slots;
        atNanos = Math.max(atNanos, nowNanos);
    }

    void completed() {
        rate += 1 / SECONDS;
    }

    /** Value of the response header {@code endpoint-load-metrics}. */
    String header() {
        return String.format(Locale.ROOT, "TEXT rps_fractional=%.3f,application_utilization=%.4f", rate, utilisation);
    }
}
