package dev.weir.control.loop;

import dev.weir.control.threads.Named;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.ObjLongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns a {@link ControlLoop} on a thread of its own, once per period. A tick that comes late is not made up for; a tick
 * that throws is a defect: it is logged and counted, and the loop goes on with the last decision in force. An error ends the
 * thread, and goes where errors of threads go.
 */
public final class LoopThread implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LoopThread.class);

    private final Thread thread;
    private volatile boolean stopping;
    private volatile long failures;

    /**
     * @param loop what turns
     * @param clock monotonic nanoseconds
     * @param after gets each result and the nanoseconds that the tick took, on the loop's thread
     */
    public LoopThread(ControlLoop loop, LongSupplier clock, ObjLongConsumer<ControlLoop.Result> after) {
        thread = Named.loop("weir-loop", () -> run(loop, clock, after));
    }

    public void start() {
        thread.start();
    }

    /** Ticks that threw, since the start. */
    public long failures() {
        return failures;
    }

    /** Ends after the tick in progress. */
    @Override
    public void close() {
        stopping = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private void run(ControlLoop loop, LongSupplier clock, ObjLongConsumer<ControlLoop.Result> after) {
        long next = clock.getAsLong();
        while (!stopping) {
            long begin = clock.getAsLong();
            Duration period = Duration.ofMillis(250);
            try {
                ControlLoop.Result result = loop.tick(begin);
                period = result.image().config().mesh().control().tick();
                after.accept(result, clock.getAsLong() - begin);
            } catch (RuntimeException e) {
                failures++;
                log.error("a tick failed; the last decision stays in force", e);
            }
            next = Math.max(next + period.toNanos(), clock.getAsLong());
            long wait;
            while (!stopping && (wait = next - clock.getAsLong()) > 0) {
                LockSupport.parkNanos(this, wait);
            }
        }
    }
}
