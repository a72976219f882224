package dev.weir.control.chain;

/**
 * Counts since the start.
 *
 * @param polls times that the node was asked for news
 * @param failures those that failed
 * @param refusedLogs logs that the registry cannot have written, that were not asked for, or that do not fit what was there
 * @param unreadable times that a provider's logs of one block could not be had and were passed over
 * @param reorganisations reorganisations seen
 * @param deepReorganisations those that took confirmed blocks back
 */
public record ReaderStats(
        long polls, long failures, long refusedLogs, long unreadable, long reorganisations, long deepReorganisations) {}
