package dev.weir.control.ledger;

import dev.weir.xds.telemetry.AccessRecord;

/**
 * Told of new rows that are not as their providers say, once they are stored, on the writer's thread: must not block. What
 * it throws is counted and logged; the rows stay stored.
 */
@FunctionalInterface
public interface FlagListener {
    /** Told of a row; {@code flag}: {@code estimated}, or the word of a {@link dev.weir.control.usage.Doubt}. */
    void flagged(AccessRecord record, String flag);
}
