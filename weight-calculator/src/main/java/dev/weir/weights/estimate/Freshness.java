package dev.weir.weights.estimate;

/**
 * How far a gauge of a given age is still believed: 1 up to 2 s, then {@code e^(-(age - 2 s) / 3 s)}, 0 when there
 * never was one. What is not believed is replaced by what is declared, so that splits fall back to declared capacity when
 * telemetry is gone, without a jump.
 */
public final class Freshness {
    /** Younger gauges are believed whole, seconds. */
    public static final double WHOLE_SECONDS = 2;

    private static final double FADE_SECONDS = 3;

    private Freshness() {}

    /**
     * @param ageNanos negative = never seen
     * @return 0 to 1
     */
    public static double of(long ageNanos) {
        if (ageNanos < 0) {
            return 0;
        }
        double late = ageNanos * 1e-9 - WHOLE_SECONDS;
        return late <= 0 ? 1 : StrictMath.exp(-late / FADE_SECONDS);
    }
}
