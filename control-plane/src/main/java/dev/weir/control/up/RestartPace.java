package dev.weir.control.up;

import java.time.Duration;

/** How long a part that ended stays down: a moment at first, longer while it ends again and again, and never for ever. */
final class RestartPace {
    private static final Duration FIRST = Duration.ofMillis(200);
    private static final Duration MOST = Duration.ofSeconds(30);
    /** What ran for so long has come up, and its end is a new story. */
    private static final Duration STEADY = Duration.ofSeconds(30);

    private int inARow;

    /** @param ran how long the part ran before it ended */
    Duration next(Duration ran) {
        inARow = ran.compareTo(STEADY) >= 0 ? 1 : inARow + 1;
        Duration doubled = FIRST.multipliedBy(1L << Math.min(inARow - 1, 20));
        return doubled.compareTo(MOST) < 0 ? doubled : MOST;
    }

    /** Ends without a steady run between them, {@code >= 1} after the first. */
    int inARow() {
        return inARow;
    }
}
