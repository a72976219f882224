package dev.weir.weights.estimate;

/**
 * Events per second over the recent past, from counts in intervals of any length.
 *
 * <pre>  after an interval of dt with n events:   C = C e^(-dt/tau) + n (1 - e^(-dt/tau)) tau / dt
 *                                           M = M e^(-dt/tau) +   (1 - e^(-dt/tau)) tau
 *                                           rate = C / M</pre>
 *
 * An exponentially weighted mean with elapsed time in the exponent, so it does not depend on how often it is updated.
 * {@code M} makes it unbiased from the first interval on. For Poisson events of rate r the standard deviation is
 * {@code sqrt(r / (2 tau))}.
 */
public final class DecayedRate {
    private final double tau;
    private double count;
    private double seconds;

    /** @param tau time constant, seconds, {@code > 0} */
    public DecayedRate(double tau) {
        this.tau = tau;
    }

    /**
     * @param events in the interval, {@code >= 0}
     * @param dt length of the interval, seconds; one that is not positive is ignored with its events
     */
    public void add(double events, double dt) {
        if (!(dt > 0)) {
            return;
        }
        double keep = StrictMath.exp(-dt / tau);
        double weight = (1 - keep) * tau;
        count = count * keep + events * weight / dt;
        seconds = seconds * keep + weight;
    }

    /** Goes on from a rate that an earlier process knew, as if it had been seen for as long as the mean reaches back. */
    public void restore(double perSecond) {
        count = perSecond * tau;
        seconds = tau;
    }

    /** Events per second; 0 before the first interval. */
    public double perSecond() {
        return seconds > 0 ? count / seconds : 0;
    }
}
