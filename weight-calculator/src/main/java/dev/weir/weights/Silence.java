package dev.weir.weights;

import dev.weir.weights.estimate.StallDetector;

/**
 * The silence of one provider, over its pools: evidence adds up, and the most patient of the pools that wait decides how long it
 * must have lasted.
 */
final class Silence {
    /** A figure may be wrong by so much. */
    private static final double CLAIM_ERROR = 10;

    /** Where nothing is known of anybody, an answer may take so long, seconds. */
    private static final double UNKNOWN_SECONDS = 10;

    private double due;
    /** Answers that could have come, by what was in flight. */
    private double missed;

    private double patience;
    private double seconds;
    private double dueSinceAnyone;

    /**
     * How long an answer may take where too little was seen of the member: ten times what the claim says, and what it takes at
     * the slowest of the pool's others; ten times that where nothing is claimed.
     *
     * @param claimedSeconds {@code s w / mu}; 0 = nothing is claimed
     * @param othersSeconds the longest mean seen at another member; 0 = none
     */
    static double guess(double claimedSeconds, double othersSeconds) {
        double likely = claimedSeconds > 0
                ? Math.max(CLAIM_ERROR * claimedSeconds, othersSeconds)
                : CLAIM_ERROR * othersSeconds;
        return othersSeconds > 0 ? likely : Math.max(likely, UNKNOWN_SECONDS);
    }

    void clear() {
        due = 0;
        missed = 0;
        patience = 0;
        seconds = 0;
        dueSinceAnyone = 0;
    }

    /** One pool's part. */
    void add(StallDetector part) {
        due += part.due();
        missed += part.missed();
        patience = Math.max(patience, part.missed() > 0 ? part.patience() : 0);
        seconds = Math.max(seconds, part.silentSeconds());
        dueSinceAnyone += part.dueSinceAnyone();
    }

    /** @param othersDue see {@link StallDetector#stalled} */
    boolean stalled(double othersDue) {
        return StallDetector.stalled(due, seconds, missed >= 1 ? patience : 0, othersDue);
    }

    double dueSinceAnyone() {
        return dueSinceAnyone;
    }

    /** Seconds of silence while there was work. */
    double seconds() {
        return seconds;
    }
}
