package dev.weir.control.pick;

/**
 * How fast a queue empties: releases per second, averaged with a time constant of {@value #TAU_SECONDS} s.
 *
 * <pre>
 *   r <- r e^(-dt / tau) + 1 / tau   at each release
 * </pre>
 */
final class DrainRate {
    private static final double TAU_SECONDS = 3;
    private static final long MIN_MILLIS = 50;
    private static final long MAX_MILLIS = 30_000;
    private static final long UNKNOWN_MILLIS = 1_000;

    private double rate;
    private long lastNanos;

    void released(long nowNanos) {
        rate = perSecond(nowNanos) + 1 / TAU_SECONDS;
        lastNanos = nowNanos;
    }

    double perSecond(long nowNanos) {
        return rate * Math.exp(-Math.max(0, nowNanos - lastNanos) / 1e9 / TAU_SECONDS);
    }

    /** Time until all of {@code waiting} and one more are gone, milliseconds, {@value #MIN_MILLIS} - {@value #MAX_MILLIS}. */
    long retryAfterMillis(int waiting, long nowNanos) {
        double now = perSecond(nowNanos);
        if (now < 1e-3) {
            return UNKNOWN_MILLIS;
        }
        return Math.max(MIN_MILLIS, Math.min(MAX_MILLIS, Math.round(1000 * (waiting + 1) / now)));
    }
}
