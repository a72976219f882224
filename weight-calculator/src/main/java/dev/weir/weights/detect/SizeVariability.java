package dev.weir.weights.detect;

/**
 * How much job sizes vary: the squared coefficient of variation {@code Var / mean^2} of the last thousand or so, from service
 * times or work units as they are seen.
 *
 * <pre>  m <- m + a (x - m),   q <- q + a (x^2 - q),   a = 1 / min(n, 1000);   cv^2 = q / m^2 - 1</pre>
 */
public final class SizeVariability {
    private static final double WINDOW = 1000;
    private static final int ENOUGH = 30;
    /** What is assumed as long as nothing is known: a heavy tail, because an accusation must not rest on ignorance. */
    public static final double UNKNOWN = 4;

    private static final double MAX = 100;

    private long seen;
    private double mean;
    private double square;

    /** @param size of one finished job, {@code > 0}, finite; anything else is ignored */
    public void add(double size) {
        if (!(size > 0) || size > 1e100) {
            return;
        }
        seen++;
        double weight = 1 / Math.min((double) seen, WINDOW);
        mean += weight * (size - mean);
        square += weight * (size * size - square);
    }

    /** 0 to 100; {@link #UNKNOWN} until 30 sizes were seen. */
    public double squaredVariation() {
        return seen < ENOUGH ? UNKNOWN : Math.max(0, Math.min(MAX, square / (mean * mean) - 1));
    }
}
