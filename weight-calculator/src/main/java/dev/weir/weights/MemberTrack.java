package dev.weir.weights;

import dev.weir.weights.estimate.AnswerTime;
import dev.weir.weights.estimate.StallDetector;

/** What is remembered of one (pool, provider) from tick to tick: how long its answers take, and its silence. */
final class MemberTrack {
    private final AnswerTime time = new AnswerTime();
    /** Silence of this pool's requests there. */
    private final StallDetector own = new StallDetector();
    /** The part that they have in the silence of the whole provider. */
    private final StallDetector part = new StallDetector();

    private double sinceCompletion;
    private boolean silent;

    /**
     * Learns from one tick's ends; {@link #listen} follows once all members have learnt.
     *
     * @param inFlight requests, 0 where the gauge is too old to be believed
     * @param completions and the sums of their durations and of the squares of these
     */
    void learn(double inFlight, double completions, double answerSeconds, double answerSquares, double dt) {
        sinceCompletion += inFlight * dt;
        if (completions > 0) {
            time.observe(completions, answerSeconds, answerSquares, sinceCompletion);
            sinceCompletion = 0;
        }
    }

    /**
     * @param guessSeconds how long an answer may take while too little was seen
     * @param alive whether this pool's requests were answered there, or bytes came
     * @param providerAlive whether anybody's were
     * @param failures of this pool's attempts there
     * @param anyone whether any provider answered anything
     */
    void listen(
            double inFlight,
            double guessSeconds,
            boolean alive,
            boolean providerAlive,
            double failures,
            boolean anyone,
            double dt) {
        own.observe(inFlight, time, guessSeconds, alive, failures, anyone, dt);
        part.observe(inFlight, time, guessSeconds, providerAlive, failures, anyone, dt);
        silent &= !alive;
    }

    /** @param othersDue see {@link StallDetector#stalled} */
    void decideStatus(double othersDue) {
        silent |= own.stalled(othersDue);
    }

    /** Whether this pool's requests get no answer there. */
    boolean silent() {
        return silent;
    }

    AnswerTime time() {
        return time;
    }

    StallDetector part() {
        return part;
    }

    double silentSeconds() {
        return own.silentSeconds();
    }
}
