package dev.weir.control.admission;

import dev.weir.xds.telemetry.AccessRecord;

/** What a stage took for one call. Its chain ends it, once, by one of the three. */
public interface Reservation {
    /** The call is over, and this record says how. */
    void complete(AccessRecord record);

    /** The request never went on: a later stage refused it, or who asked for it left. */
    void cancel();

    /** How the call ended will not be known any more. */
    void expire();
}
