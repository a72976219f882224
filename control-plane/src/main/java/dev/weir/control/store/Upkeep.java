package dev.weir.control.store;

import dev.weir.control.threads.Named;
import dev.weir.xds.SparseLog;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.slf4j.LoggerFactory;

/** Looks after the database, on a thread of its own: each second at its disk, each minute at what is too old. */
public final class Upkeep implements AutoCloseable {
    private static final long LOOK_MILLIS = 1_000;
    private static final int LOOKS_PER_RUN = 60;

    private final Database database;
    private final Retention retention;
    private final InstantSource clock;
    private final SparseLog log;
    private final Thread thread = Named.loop("weir-upkeep", this::run);
    private final Object lock = new Object();
    private volatile boolean closing;

    /** Starts. {@code nanos}: monotonic. */
    public Upkeep(Database database, Retention retention, InstantSource clock, LongSupplier nanos) {
        this.database = database;
        this.retention = retention;
        this.clock = clock;
        this.log = new SparseLog(LoggerFactory.getLogger(Upkeep.class), nanos);
        thread.setDaemon(true);
        thread.start();
    }

    /** Ends after the file that is being written. */
    @Override
    public void close() {
        synchronized (lock) {
            closing = true;
            lock.notifyAll();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        for (int look = 1; !closing; look++) {
            try {
                database.upkeep();
                if (look % LOOKS_PER_RUN == 0) {
                    retention.run(clock.instant(), () -> closing);
                }
            } catch (RuntimeException e) {
                log.warn("upkeep", "upkeep of the database failed, it is tried again: {}", e.toString());
            }
            synchronized (lock) {
                try {
                    if (!closing) {
                        lock.wait(LOOK_MILLIS);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }
}
