package dev.weir.xds;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * A log for what comes from outside: a line of each kind at most every ten seconds, which says how many were left out. Who
 * sends garbage must not be able to fill the disk with our complaints.
 */
@ThreadSafe
public final class SparseLog {
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** More kinds than these share one. */
    private static final int KINDS = 64;

    private static final String REST = "other";

    private final Logger log;
    private final LongSupplier clock;

    @GuardedBy("this")
    private final Map<String, Spoken> kinds = new HashMap<>();

    private static final class Spoken {
        private long atNanos;
        private long silenced;
    }

    /** @param clock monotonic nanoseconds */
    public SparseLog(Logger log, LongSupplier clock) {
        this.log = log;
        this.clock = clock;
    }

    /**
     * Logs a warning, with {@code format} and {@code arguments} as SLF4J takes them: a last one that is an exception adds its
     * trace.
     */
    public void warn(String kind, String format, Object... arguments) {
        long silenced = silenced(kind);
        if (silenced < 0) {
            return;
        }
        log.warn(format, arguments);
        if (silenced > 0) {
            log.warn("{}: {} more like this since the one before", kind, silenced);
        }
    }

    /** Logs as {@link #warn} does what is no fault. */
    public void info(String kind, String format, Object... arguments) {
        long silenced = silenced(kind);
        if (silenced < 0) {
            return;
        }
        log.info(format, arguments);
        if (silenced > 0) {
            log.info("{}: {} more like this since the one before", kind, silenced);
        }
    }

    /** How many were left out before this one, negative when this one is left out too. */
    private synchronized long silenced(String kind) {
        long now = clock.getAsLong();
        String counted = kinds.containsKey(kind) || kinds.size() < KINDS ? kind : REST;
        Spoken spoken = kinds.get(counted);
        if (spoken == null) {
            spoken = new Spoken();
            kinds.put(counted, spoken);
        } else if (now - spoken.atNanos < INTERVAL_NANOS) {
            spoken.silenced++;
            return -1;
        }
        long silenced = spoken.silenced;
        spoken.atNanos = now;
        spoken.silenced = 0;
        return silenced;
    }
}
