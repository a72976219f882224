package dev.weir.control.testing;

import dev.weir.control.model.Failpoints;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Failpoints of a process under test, which is told over its standard input what to do where: {@code POINT FAULT}, one line
 * each, once each. It prints the line when that happens. {@code CLOCK MILLIS} sets its wall clock so much ahead.
 */
public final class StdinFailpoints implements Failpoints {
    /** What happens. */
    public enum Fault {
        /** The process is gone, as by kill -9. */
        KILL,
        /** The whole process stands still until it gets SIGCONT. */
        STOP,
        /** The disk takes {@value #SLOW_MILLIS} ms for what it takes. */
        SLOW,
        /** The disk fails. */
        EIO,
        /** The disk is full. */
        ENOSPC
    }

    /** The line after which nothing more happens. */
    public static final String NOTHING = "-";

    /** The first word of a line that sets the clock. */
    public static final String CLOCK = "CLOCK";

    private static final long SLOW_MILLIS = 3_000;

    private record Order(Point point, Fault fault) {}

    private final AtomicReference<@Nullable Order> order = new AtomicReference<>();
    private final SteppedClock clock;

    private StdinFailpoints(SteppedClock clock) {
        this.clock = clock;
    }

    /** @param clock that it sets */
    public static StdinFailpoints listen(SteppedClock clock) {
        StdinFailpoints failpoints = new StdinFailpoints(clock);
        Thread reader = new Thread(failpoints::read, "failpoints");
        reader.setDaemon(true);
        reader.start();
        return failpoints;
    }

    private void read() {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.equals(NOTHING)) {
                    order.set(null);
                    continue;
                }
                String[] words = line.split(" ", 2);
                if (words[0].equals(CLOCK)) {
                    clock.set(Long.parseLong(words[1]));
                } else {
                    order.set(new Order(Point.valueOf(words[0]), Fault.valueOf(words[1])));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void reached(Point point) {
        Order now = order.get();
        if (now == null || now.point != point || !order.compareAndSet(now, null)) {
            return;
        }
        System.out.println("failpoint " + point + " " + now.fault);
        System.out.flush();
        switch (now.fault) {
            case KILL -> Runtime.getRuntime().halt(137);
            case STOP -> stop();
            case SLOW -> sleep();
            case EIO -> throw new UncheckedIOException(new IOException("Input/output error"));
            case ENOSPC ->
                throw new JdbiException(
                        new SQLiteException("database or disk is full", SQLiteErrorCode.SQLITE_FULL)) {};
        }
    }

    private static void stop() {
        try {
            new ProcessBuilder(
                            "kill",
                            "-STOP",
                            Long.toString(ProcessHandle.current().pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void sleep() {
        try {
            TimeUnit.MILLISECONDS.sleep(SLOW_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
