package dev.weir.control.admission;

import dev.weir.xds.telemetry.AccessRecord;

/** What a stage took for one call. Its chain ends it, once, by one of the three. */
public interface Reservation {
    /** Ends it by the record that says how the call ended. */
    void complete(AccessRecord record);

    /** Takes it back, as the request never went on: a later stage refused it, or who asked for it left. */
    void cancel();

    /** Ends it although it will not be known any more how the call ended. */
    void expire();
}
