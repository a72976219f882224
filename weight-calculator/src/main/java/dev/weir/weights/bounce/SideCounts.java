package dev.weir.weights.bounce;

/**
 * What a provider's side says is in flight there, over all its processes. Only the limits of that same side are made of it.
 *
 * @param first first attempts
 * @param further others; may be an average over time
 */
public record SideCounts(long first, double further) {
    public static final SideCounts NONE = new SideCounts(0, 0);

    /** Neither can be more than consumers have in flight there, whatever a side says. */
    SideCounts within(long sent) {
        return new SideCounts(Math.min(Math.max(0, first), sent), Math.min(Math.max(0, further), (double) sent));
    }
}
