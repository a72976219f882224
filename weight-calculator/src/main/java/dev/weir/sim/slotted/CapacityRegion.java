package dev.weir.sim.slotted;

/** What a network can carry at all. */
public final class CapacityRegion {
    private static final int MAX_CLASSES = 20;

    private CapacityRegion() {}

    /**
     * The largest factor by which demand can grow and still be served by some split:
     *
     * <pre>  min over sets S of classes of  mu(providers that serve any of S) / lambda(S)</pre>
     *
     * by max-flow and min-cut. All sets are tried, so at most {@value #MAX_CLASSES} classes.
     */
    public static double boundary(Network network) {
        int classes = network.members().size();
        if (classes > MAX_CLASSES) {
            throw new IllegalArgumentException("classes: " + classes + " (expected: at most " + MAX_CLASSES + ")");
        }
        double least = Double.POSITIVE_INFINITY;
        for (int set = 1; set < 1 << classes; set++) {
            double demand = 0;
            boolean[] serves = new boolean[network.capacity().size()];
            for (int t = 0; t < classes; t++) {
                if ((set >> t & 1) == 1) {
                    demand += network.rates().get(t);
                    network.members().get(t).forEach(k -> serves[k] = true);
                }
            }
            double capacity = 0;
            for (int k = 0; k < serves.length; k++) {
                capacity += serves[k] ? network.capacity().get(k) : 0;
            }
            if (demand > 0) {
                least = Math.min(least, capacity / demand);
            }
        }
        return least;
    }
}
