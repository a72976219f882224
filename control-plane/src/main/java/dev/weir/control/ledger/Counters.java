package dev.weir.control.ledger;

import java.util.concurrent.atomic.LongAdder;

/** What the ledger counted since the start; a snapshot is {@link SqlLedger.Counts}. */
final class Counters {
    final LongAdder inserted = new LongAdder();
    final LongAdder replaced = new LongAdder();
    final LongAdder duplicates = new LongAdder();
    final LongAdder dropped = new LongAdder();
    final LongAdder rejectedLines = new LongAdder();
    final LongAdder overflows = new LongAdder();
    final LongAdder failures = new LongAdder();
    final LongAdder untold = new LongAdder();
}
