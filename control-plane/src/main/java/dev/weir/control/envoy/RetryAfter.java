package dev.weir.control.envoy;

/**
 * How long a shed agent is told to wait: about the time in which what waits now has been served. In few steps, because each
 * change is a push, and never so short that agents come back before anything can have changed.
 */
final class RetryAfter {
    private static final long[] STEPS = {
        100, 150, 200, 300, 500, 700, 1_000, 1_500, 2_000, 3_000, 5_000, 7_000, 10_000, 15_000, 20_000, 30_000, 60_000
    };

    private RetryAfter() {}

    /** How long to wait, milliseconds, 100 - 60 000. OpenAI's clients ignore what is longer than a minute. */
    static long millis(double levelSeconds) {
        for (long step : STEPS) {
            if (levelSeconds * 1000 <= step) {
                return step;
            }
        }
        return Double.isNaN(levelSeconds) ? STEPS[0] : STEPS[STEPS.length - 1];
    }
}
