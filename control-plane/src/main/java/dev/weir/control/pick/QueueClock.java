package dev.weir.control.pick;

import dev.weir.control.threads.Guarded;
import dev.weir.control.threads.Named;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Refuses the checks that have waited long enough: looks 20 times a second while anybody waits, and sleeps while nobody does. */
public final class QueueClock implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofMillis(50);

    private final Picker picker;
    private final Runnable look;
    private final Thread thread = Named.loop("weir-queue-clock", this::run);
    private volatile boolean closing;

    /** Starts. One for each picker. */
    public QueueClock(Picker picker) {
        this.picker = picker;
        this.look = new Guarded("the queues' clock", picker::expire);
        thread.setDaemon(true);
        picker.onHeld(() -> LockSupport.unpark(thread));
        thread.start();
    }

    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
    }

    private void run() {
        while (!closing) {
            if (picker.holds()) {
                LockSupport.parkNanos(this, PERIOD.toNanos());
                look.run();
            } else {
                LockSupport.park(this); // who comes in between leaves a permit
            }
        }
    }
}
