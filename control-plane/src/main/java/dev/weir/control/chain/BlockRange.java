package dev.weir.control.chain;

/**
 * How many blocks to ask for at once: as many as the node answers. A refusal halves; answers let it grow by a tenth, up to
 * what was refused lately, so that a node with a fixed limit refuses one request in some {@value #PATIENCE}.
 */
final class BlockRange {
    /** Most blocks asked for at once; common limit of public nodes. */
    static final long MAX = 1_000;

    /** Answers after which a size that was refused is tried again: logs may lie less dense by then. */
    private static final int PATIENCE = 64;

    private long size = MAX;
    private long largestAnswered;
    private long smallestRefused = Long.MAX_VALUE;
    private int answers;

    /** Blocks to ask for, 1 - {@link #MAX}. */
    long size() {
        return size;
    }

    /** Takes note that a question for {@code blocks} was answered. */
    void answered(long blocks) {
        if (blocks < size) {
            return; // the last stretch before the head says nothing about more
        }
        largestAnswered = blocks;
        if (++answers >= PATIENCE) {
            answers = 0;
            smallestRefused = Long.MAX_VALUE;
        }
        long next = Math.min(MAX, blocks + Math.max(1, blocks / 10));
        if (next < smallestRefused) {
            size = next;
        }
    }

    /** Takes note that a question for {@code blocks} was too much; one for a single block cannot be made smaller. */
    void refused(long blocks) {
        long half = Math.max(1, blocks / 2);
        // what was answered a moment ago needs no second search from below
        size = largestAnswered < blocks ? Math.max(half, largestAnswered) : half;
        largestAnswered = Math.min(largestAnswered, half);
        smallestRefused = blocks;
        answers = 0;
    }
}
