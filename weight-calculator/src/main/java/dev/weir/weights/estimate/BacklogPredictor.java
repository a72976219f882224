package dev.weir.weights.estimate;

/**
 * What a gauge that was read a while ago would show now: the fluid of one provider,
 *
 * <pre>  dN/dt = a - min(N, s) / S        a = arrivals per second there, s slots, S mean service time</pre>
 *
 * solved exactly: above {@code s} a straight line of slope {@code a - s / S}, below it an exponential towards {@code a S}
 * with time constant {@code S}. Adding what was sent and taking off what was served since the reading removes the delay from
 * the loop (a Smith predictor), so that the split may react over one delay instead of two.
 *
 * <p>Worked example: {@code N = 3, a = 100/s, s = 2, S = .05 s} (40/s served): after .1 s {@code N = 3 + .1 (100 - 40) = 9}.
 */
public final class BacklogPredictor {
    private BacklogPredictor() {}

    /**
     * @param inFlight {@code N >= 0} when the gauge was read
     * @param arrivals {@code a >= 0}, per second
     * @param slots {@code s > 0}
     * @param serviceSeconds {@code S > 0}
     * @param seconds since the reading, {@code >= 0}
     * @return {@code N >= 0} now
     */
    public static double after(double inFlight, double arrivals, double slots, double serviceSeconds, double seconds) {
        double n = inFlight;
        double left = seconds;
        double slope = arrivals - slots / serviceSeconds;
        if (n > slots) {
            if (slope >= 0 || n + slope * left >= slots) {
                return n + slope * left;
            }
            left -= (slots - n) / slope;
            n = slots;
        }
        double rest = arrivals * serviceSeconds;
        if (rest > slots) {
            // fills up first, then the line goes on from there
            double untilFull = serviceSeconds * StrictMath.log((rest - n) / (rest - slots));
            if (untilFull < left) {
                return slots + slope * (left - untilFull);
            }
        }
        return rest + (n - rest) * StrictMath.exp(-left / serviceSeconds);
    }
}
