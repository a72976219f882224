package dev.weir.control.loop;

import java.util.Arrays;

/**
 * What a provider claims to have counted in a pool, over what was seen: the ratio of the sums over the newest {@value #CALLS}
 * calls, each call's own ratio drawn in to where the outermost twentieth at either end begins. Few calls have most of the
 * tokens, honestly, so a median would leave out the work; and a lie that is told rarely does not count. Not safe for several
 * threads.
 */
final class ClaimMeter {
    private static final int CALLS = 256;
    private static final int DRAWN_IN = 20;
    /** Calls between two reckonings, once there are many. */
    private static final int STEP = 8;

    private final float[] claims = new float[CALLS];
    private final float[] seen = new float[CALLS];
    private final float[] ratios = new float[CALLS];
    private long calls;
    private long reckoned;
    private double ratio;

    /**
     * @param claimed tokens
     * @param evidence tokens as they look; what is below one counts as one
     */
    void add(double claimed, double evidence) {
        int at = (int) (calls % CALLS);
        claims[at] = (float) claimed;
        seen[at] = (float) Math.max(1, evidence);
        calls++;
    }

    /** Claimed tokens per token as it looks. */
    double ratio() {
        if (calls > reckoned && (calls < CALLS || calls - reckoned >= STEP)) {
            ratio = reckon((int) Math.min(calls, CALLS));
            reckoned = calls;
        }
        return ratio;
    }

    private double reckon(int n) {
        for (int i = 0; i < n; i++) {
            ratios[i] = claims[i] / seen[i];
        }
        Arrays.sort(ratios, 0, n);
        int outer = n < 3 ? 0 : Math.max(1, n / DRAWN_IN);
        double least = ratios[outer];
        double most = ratios[n - 1 - outer];
        double claimed = 0;
        double evidence = 0;
        for (int i = 0; i < n; i++) {
            claimed += Math.min(most, Math.max(least, claims[i] / seen[i])) * seen[i];
            evidence += seen[i];
        }
        return claimed / evidence;
    }
}
