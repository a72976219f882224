package dev.weir.control.collect;

/** How long to wait between two looks at a log: the shortest while lines come, longer and longer while none do. */
final class LookPace {
    static final int MIN_MILLIS = 20;
    static final int MAX_MILLIS = 200;

    private int millis = MIN_MILLIS;

    /**
     * Milliseconds until the next look.
     *
     * @param busy whether there was something to deliver, or something is under way
     */
    int next(boolean busy) {
        millis = busy ? MIN_MILLIS : Math.min(MAX_MILLIS, millis + millis / 4);
        return millis;
    }
}
