package dev.weir.control.ledger;

import dev.weir.control.ledger.Ledger.Row;
import java.util.List;

/**
 * Told of what files brought once it is stored and acknowledged, on the writer's thread: must not block. What it throws is
 * counted and logged; the rows stay stored.
 */
@FunctionalInterface
public interface LedgerListener {
    /** {@code rows}: those of one chunk in the order of its lines, without what was never published. */
    void stored(List<Row> rows);
}
