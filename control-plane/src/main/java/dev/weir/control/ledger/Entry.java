package dev.weir.control.ledger;

import dev.weir.xds.telemetry.AccessRecord;

/**
 * A record on its way into the table.
 *
 * @param record as logged
 * @param value what it is worth
 * @param origin where this copy came from
 */
record Entry(AccessRecord record, Valuation value, Origin origin) {
    /** Where a copy came from. The file is the record of truth: it replaces what the stream brought, never the reverse. */
    enum Origin {
        STREAM,
        FILE
    }
}
