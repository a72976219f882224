package dev.weir.control.threads;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a thread's end that nobody expected. An error (memory, stack, a class that cannot be loaded) says nothing
 * about what still holds, and a process that lives on without its loop would look well: it ends, so that a supervisor
 * starts it again from what is stored. Exceptions end one task of one thread and are logged.
 */
public final class LastWord implements Thread.UncaughtExceptionHandler {
    /** The JVM's own for {@code ExitOnOutOfMemoryError}. */
    public static final int EXIT_CODE = 3;

    private static final Logger log = LoggerFactory.getLogger(LastWord.class);
    private static final long GRACE_SECONDS = 5;

    private final Runnable end;

    /** @param end ends the process; must not wait for the thread that calls it */
    public LastWord(Runnable end) {
        this.end = end;
    }

    @Override
    public void uncaughtException(Thread thread, Throwable thrown) {
        if (!(thrown instanceof Error)) {
            log.error("thread {}: a task failed", thread.getName(), thrown);
            return;
        }
        try {
            log.error(
                    "thread {} ended by an error: the process ends and has to be started again",
                    thread.getName(),
                    thrown);
        } finally {
            end.run();
        }
    }

    /** Ends this process in good order where that takes no longer than 5 s, else at once. */
    public static void end() {
        try {
            Thread limit = new Thread(LastWord::halt, "weir-halt");
            limit.setDaemon(true);
            limit.start();
            new Thread(() -> System.exit(EXIT_CODE), "weir-exit").start();
        } catch (Throwable e) { // no memory for a thread
            Runtime.getRuntime().halt(EXIT_CODE);
        }
    }

    private static void halt() {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(GRACE_SECONDS);
        while (System.nanoTime() < until) {
            LockSupport.parkNanos(until - System.nanoTime());
        }
        Runtime.getRuntime().halt(EXIT_CODE);
    }
}
