package dev.weir.xds.telemetry;

/** What became of a line or an entry that claims to be a record. */
public sealed interface ParsedRecord {
    /** A record. */
    record Accepted(AccessRecord record) implements ParsedRecord {}

    /** An attempt that has not ended. */
    record Unfinished(AttemptProgress progress) implements ParsedRecord {}

    /**
     * What is no record.
     *
     * @param kind a short fixed word, for a metric's label
     * @param message field, value and what was expected
     */
    record Rejected(String kind, String message) implements ParsedRecord {}
}
