package dev.weir.sim.engine;

/** Least-squares slope of a series, updated in place. */
public final class Slope {
    private long n;
    private double meanX;
    private double meanY;
    private double xx;
    private double xy;

    public void add(double x, double y) {
        n++;
        double dx = x - meanX;
        meanX += dx / n;
        meanY += (y - meanY) / n;
        xx += dx * (x - meanX);
        xy += dx * (y - meanY);
    }

    /** Units of y per unit of x; 0 with fewer than two points. */
    public double value() {
        return xx > 0 ? xy / xx : 0;
    }
}
