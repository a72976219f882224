package dev.weir.control.testbed.provider;

/**
 * A provider as it is now; counts are those since its start.
 *
 * @param waiting requests in the queue
 * @param inService requests in a slot
 * @param speed 1 = as declared, 0 = stalled
 * @param attempts chat requests taken or refused
 * @param completed answered whole
 * @param refused answered with an error of its own
 * @param cancelled left by the caller before they were answered
 * @param tokens prompt and completion tokens of those completed
 */
public record ProviderCounts(
        int waiting,
        int inService,
        double speed,
        long attempts,
        long completed,
        long refused,
        long cancelled,
        long tokens) {}
