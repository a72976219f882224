package dev.weir.control.demo;

import java.util.List;

/**
 * One second of the story.
 *
 * @param second from 1
 * @param seconds of the whole story
 * @param providers one per provider
 * @param callsPerSecond calls that ended
 * @param meanWaitMillis of the calls that ended, NaN = none did
 * @param minPrice lowest price seen, -1 = none
 * @param maxPrice highest price seen
 * @param congestion newest seen, -1 = none
 */
record Sample(
        int second,
        int seconds,
        List<OfProvider> providers,
        long callsPerSecond,
        double meanWaitMillis,
        long minPrice,
        long maxPrice,
        int congestion) {
    /**
     * @param capacity work units per second at full speed
     * @param share of the first attempts of this second
     */
    record OfProvider(
            String name, double capacity, double speed, double share, int inService, int slots, int waiting) {}
}
