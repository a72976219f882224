package dev.weir.control.store;

import java.time.Duration;
import java.time.Instant;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets how far log files are stored that have not moved for as long as records are kept: whose collector is gone, with
 * its machine. What such a file came to has left the database by then. If it is brought once more, it begins anew, and what is
 * not later than the latest that was stored of it is refused: of each sidecar that is remembered, one number.
 */
final class OldPositions {
    private static final Logger log = LoggerFactory.getLogger(OldPositions.class);

    private OldPositions() {}

    /**
     * Looks where each file is, and forgets.
     *
     * @param now wall clock
     */
    static void forget(Database database, Instant now, Duration keep) {
        int forgotten = database.write(handle -> {
            look(handle, now.toEpochMilli());
            return forget(handle, newestLook(handle, now.toEpochMilli()) - keep.toMillis());
        });
        if (forgotten > 0) {
            log.info("retention: positions of {} log files that have not moved for {} forgotten", forgotten, keep);
        }
    }

    private static void look(Handle handle, long nowMillis) {
        handle.execute(
                "UPDATE log_file SET newest_micros = ? WHERE newest_micros = 0 AND looked_position <> position",
                nowMillis * 1_000);
        handle.execute(
                "UPDATE log_file SET moved_millis = ?, looked_position = position WHERE looked_position <> position",
                nowMillis);
    }

    /** When a file moved last, or now, what is earlier: a clock that is set ahead makes nothing old by itself. */
    private static long newestLook(Handle handle, long nowMillis) {
        return handle.createQuery("SELECT max(moved_millis) FROM log_file")
                .mapTo(Long.class)
                .findOne()
                .map(newest -> Math.min(newest, nowMillis))
                .orElse(0L);
    }

    private static int forget(Handle handle, long untilMillis) {
        handle.execute(
                "INSERT INTO forgotten_file (sidecar, newest_micros)"
                        + " SELECT sidecar, max(newest_micros) FROM log_file WHERE moved_millis < ? GROUP BY sidecar"
                        + " ON CONFLICT (sidecar) DO UPDATE SET newest_micros ="
                        + " CASE WHEN excluded.newest_micros > forgotten_file.newest_micros"
                        + " THEN excluded.newest_micros ELSE forgotten_file.newest_micros END",
                untilMillis);
        return handle.execute("DELETE FROM log_file WHERE moved_millis < ?", untilMillis);
    }
}
