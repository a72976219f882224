package dev.weir.control.collect;

import java.util.random.RandomGenerator;

/**
 * Waiting times between attempts: uniform between {@link #MIN_NANOS} and a bound that doubles up to
 * {@link #MAX_NANOS}, so that a fleet does not come back at one moment.
 */
final class RedialBackoff {
    static final long MIN_NANOS = 100_000_000L;
    static final long MAX_NANOS = 1_000_000_000L;

    private final RandomGenerator random;
    private long bound = 2 * MIN_NANOS;

    RedialBackoff(RandomGenerator random) {
        this.random = random;
    }

    long nextNanos() {
        long wait = random.nextLong(MIN_NANOS, bound + 1);
        bound = Math.min(MAX_NANOS, 2 * bound);
        return wait;
    }

    /** Begins anew with short waits, after a success. */
    void reset() {
        bound = 2 * MIN_NANOS;
    }
}
