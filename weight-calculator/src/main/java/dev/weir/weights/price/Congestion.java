package dev.weir.weights.price;

/**
 * The congestion signal of one pool, {@code min(100, 100 u)} in whole points: a push that goes out anyway takes the newest
 * along; by itself it goes out once a second when it moved by 5 points.
 */
public final class Congestion {
    private static final int POINTS = 5;
    private static final double INTERVAL_SECONDS = 1;

    private int published;
    private double age;

    /** @param published in force, 0-100 */
    public Congestion(int published) {
        this.published = published;
    }

    /** @return 0-100; any utilisation above 0 is at least 1 */
    public static int points(double utilisation) {
        return utilisation > 0 ? (int) Math.max(1, Math.min(100, Math.round(100 * utilisation))) : 0;
    }

    /** Takes note that {@code dt} seconds have passed. */
    public void age(double dt) {
        age += dt;
    }

    public boolean due(int points) {
        return age >= INTERVAL_SECONDS && Math.abs(points - published) >= POINTS;
    }

    /** Takes note that the value was published. */
    public void publish(int points) {
        published = points;
        age = 0;
    }

    public int published() {
        return published;
    }
}
