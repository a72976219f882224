package dev.weir.control.ledger;

import dev.weir.control.usage.Doubt;
import dev.weir.xds.telemetry.AccessRecord;
import java.util.Optional;

/** Holds records against what was published. */
@FunctionalInterface
public interface Vetting {
    /**
     * What a record says that was never published; empty = nothing. May be called on any thread.
     *
     * @param mayWait whether the caller may wait for the database; else what is too old to be in memory is in doubt
     */
    Optional<Doubt> doubt(AccessRecord record, boolean mayWait);
}
