package dev.weir.sim.policy;

/** Members as intervals of the unit interval, in list order; a position picks the one that it falls into. */
final class Intervals implements Draw {
    /** Where the positions come from: numbers in [0, 1). */
    @FunctionalInterface
    interface Positions {
        double next();
    }

    private final Positions positions;
    private long[] ends = new long[0];

    Intervals(Positions positions) {
        this.positions = positions;
    }

    @Override
    public void weights(int[] weights) {
        if (ends.length != weights.length) {
            ends = new long[weights.length];
        }
        long sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i];
            ends[i] = sum;
        }
    }

    @Override
    public int next() {
        long at = (long) (positions.next() * ends[ends.length - 1]);
        int low = 0;
        int high = ends.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ends[middle] > at) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
