package dev.weir.control.chain;

/** What was counted since the start, by all that read. Not safe for several threads. */
final class Tally {
    long polls;
    long failures;
    long refusedLogs;
    long unreadable;
    long reorganisations;
    long deepReorganisations;

    ReaderStats stats() {
        return new ReaderStats(polls, failures, refusedLogs, unreadable, reorganisations, deepReorganisations);
    }
}
