package dev.weir.control.threads;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task of a scheduled executor. Such an executor keeps what a task throws to itself and never runs it again: here an
 * exception is logged and the next turn comes, and an error goes where errors of threads go.
 *
 * @param what names the task in the log
 */
public record Guarded(String what, Runnable task) implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(Guarded.class);

    @Override
    public void run() {
        try {
            task.run();
        } catch (RuntimeException e) {
            log.error("{} failed; it is tried again when it is due", what, e);
        } catch (Error e) {
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
            throw e;
        }
    }
}
