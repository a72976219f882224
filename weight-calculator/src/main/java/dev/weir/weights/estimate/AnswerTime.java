package dev.weir.weights.estimate;

/**
 * How long the answers of one (pool, provider) take, queueing included, over the last {@value #MEMORY} of them.
 *
 * <pre>
 *   R = max(sum of N dt, sum of durations) / n        mean; the first is Little's law, which knows of those that have not ended
 *   B = sum of squares / sum of durations             mean duration of a call that is met at a random moment, 2 R if unknown
 *   residual = max(R, B / 2)                          mean time until one that is met then ends
 *   patience = max(2 R, 1.5 B)                        how long a healthy provider may be silent with calls that began together</pre>
 *
 * {@code R} alone would be wrong where short calls and long ones share a pool: of a hundred embeddings of 2 ms and one answer
 * of 60 s, what is in flight is all but always the answer. Length bias: Feller, "An Introduction to Probability Theory and Its
 * Applications" II, 1971, I.4.
 */
public final class AnswerTime {
    private static final double MEMORY = 300;
    private static final double ENOUGH = 5;

    private double answers;
    private double exposure;
    private double seconds;
    private double squares;

    /**
     * @param completions since the call before, {@code >= 0}
     * @param answerSeconds sum of their durations; 0 = not known
     * @param answerSquares sum of the squares of these
     * @param exposureSeconds integral of the requests in flight since the completion before; 0 = not known
     */
    public void observe(double completions, double answerSeconds, double answerSquares, double exposureSeconds) {
        if (!(completions > 0)) {
            return;
        }
        double keep = StrictMath.exp(-completions / MEMORY);
        // a count so large that it fills the memory by itself stands for the whole of it
        double share = (1 - keep) * MEMORY / completions;
        answers = answers * keep + completions * share;
        exposure = exposure * keep + exposureSeconds * share;
        seconds = seconds * keep + answerSeconds * share;
        squares = squares * keep + answerSquares * share;
    }

    /** Whether enough was seen to say something. */
    public boolean known() {
        return answers >= ENOUGH * 0.98 && mean() > 0;
    }

    /** Answers remembered, at most {@value #MEMORY}. */
    public double answers() {
        return answers;
    }

    /** {@code R}, seconds; 0 before the first. */
    public double mean() {
        return answers > 0 ? Math.max(exposure, seconds) / answers : 0;
    }

    /** Mean time that an answer under way still takes, seconds. */
    public double residual() {
        return Math.max(mean(), biased() / 2);
    }

    /** How long answers must be missing before that says something, seconds. */
    public double patience() {
        return Math.max(2 * mean(), 1.5 * biased());
    }

    private double biased() {
        return seconds > 0 ? squares / seconds : 0;
    }
}
