package dev.weir.sim;

/** How a pool's requests come; its mean rate is the pool's. */
public sealed interface Arrivals {
    /** Independent requests. */
    Arrivals POISSON = new Poisson();

    /** See {@link #POISSON}. */
    record Poisson() implements Arrivals {}

    /**
     * Independent sources that are silent or send at full rate, each for exponentially distributed times.
     *
     * @param sources how many, {@code >= 1}
     * @param onSeconds mean length of a burst
     * @param duty share of time that a source is on, over 0, at most 1; the peak is {@code rate / duty}
     * @param idleShare rate while off as a share of the rate while on; 0 = silent
     */
    record OnOff(int sources, double onSeconds, double duty, double idleShare) implements Arrivals {
        public OnOff {
            if (sources < 1 || !(onSeconds > 0) || !(duty > 0 && duty <= 1) || !(idleShare >= 0 && idleShare <= 1)) {
                throw new IllegalArgumentException("on/off: " + sources + ", " + onSeconds + ", " + duty + ", "
                        + idleShare + " (expected: sources >= 1, seconds > 0, 0 < duty <= 1, 0 <= idleShare <= 1)");
            }
        }
    }
}
