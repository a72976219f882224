package dev.weir.sim.policy;

/** What a rule says at a tick. Its arrays are not changed after it is made. */
public final class Answer {
    private final boolean push;
    private final int[][] weights;
    private final double[] capacity;
    private final boolean[] open;

    /**
     * @param push whether the weights go out
     * @param weights by pool and place of the member; not negative
     * @param capacity by provider: requests per second that it is trusted with
     * @param open by provider: whether it takes traffic (a stalled one gets probes only)
     */
    Answer(boolean push, int[][] weights, double[] capacity, boolean[] open) {
        this.push = push;
        this.weights = weights;
        this.capacity = capacity;
        this.open = open;
    }

    public boolean push() {
        return push;
    }

    public int[][] weights() {
        return weights;
    }

    double capacity(int provider) {
        return capacity[provider];
    }

    boolean open(int provider) {
        return open[provider];
    }
}
