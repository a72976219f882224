package dev.weir.weights.estimate;

/**
 * The slow return after a suspension: the share {@code gamma} of a provider's capacity and slots that is used.
 *
 * <p>Starts at 5 % with the first completion and doubles every 1.5 s while the provider keeps up,
 * {@code N <= 1.2 gamma s + 2} and nothing fails; else it waits. Whole again after 6.5 s at best. A suspension shorter
 * than 1 s is not followed by a ramp: nothing was lost in it that would need warming.
 */
public final class Ramp {
    private static final double START = 0.05;
    private static final double DOUBLING_SECONDS = 1.5;
    private static final double MIN_SUSPENSION_SECONDS = 1;

    private double gamma = 1;

    /** @param suspendedSeconds how long it was out */
    public void start(double suspendedSeconds) {
        gamma = suspendedSeconds < MIN_SUSPENSION_SECONDS ? 1 : START;
    }

    /**
     * @param inFlight {@code N}
     * @param slots {@code s}
     * @param failing whether attempts fail
     * @param dt seconds
     */
    public void observe(double inFlight, double slots, boolean failing, double dt) {
        if (gamma < 1 && !failing && inFlight <= 1.2 * gamma * slots + 2) {
            gamma = Math.min(1, gamma * StrictMath.pow(2, dt / DOUBLING_SECONDS));
        }
    }

    /** 0.05 to 1. */
    public double gamma() {
        return gamma;
    }

    public boolean whole() {
        return gamma >= 1;
    }
}
