package dev.weir.control.testbed;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The processes that the demo started, each with its output in a file. They end with this object, however this
 * process ends.
 */
@ThreadSafe
public final class Children implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 10;
    private static final int TAIL_LINES = 12;

    private final Path logs;
    private final Watchdog watchdog = new Watchdog();

    @GuardedBy("this")
    private final Deque<Child> running = new ArrayDeque<>();

    @GuardedBy("this")
    private boolean closed;

    /** @param logs existing directory for the processes' output */
    public Children(Path logs) {
        this.logs = logs;
    }

    /** A started process. */
    public final class Child {
        private final String name;
        private final ProcessHandle process;
        private final Optional<Path> log;

        private Child(String name, ProcessHandle process, Optional<Path> log) {
            this.name = name;
            this.process = process;
            this.log = log;
        }

        /** Fails with the end of its output when the process is gone. */
        private void mustRun() {
            if (!process.isAlive()) {
                throw new TestbedFailure(name + " has ended"
                        + log.map(file -> "; " + file + " ends with:\n" + tail(file))
                                .orElse(""));
            }
        }

        /** Ends it by SIGKILL and waits until it is gone. */
        public void kill() {
            process.destroyForcibly();
            process.onExit().join();
            forget(this);
        }

        /** Processor time that it took so far; 0 where the system does not tell. */
        public long cpuNanos() {
            return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
        }

        /** Asks it to end. */
        private void ask() {
            process.destroy();
        }

        /** Ends it: politely, after some seconds by force. Idempotent. */
        private void stop() {
            ask();
            try {
                process.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                process.destroyForcibly();
                process.onExit().join();
            } catch (ExecutionException e) {
                throw new IllegalStateException(name, e);
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
            forget(this);
        }
    }

    /** @param name for messages and the log's name */
    public synchronized Child start(String name, Path directory, List<String> command) {
        if (closed) {
            throw new TestbedFailure(name + ": the demo is ending");
        }
        Path log = logs.resolve(name + ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("MALLOC_ARENA_MAX", "1"); // for the Java ones: a third less memory
        try {
            Process process = builder.start();
            Child child = watch(new Child(name, process.toHandle(), Optional.of(log)));
            process.getOutputStream().close();
            return child;
        } catch (IOException e) {
            throw new TestbedFailure(name + " cannot be started: " + e.getMessage());
        }
    }

    /**
     * An Envoy as our sidecars run.
     *
     * @param home its working directory
     */
    public Child startEnvoy(String name, Path home, Path envoy, Path bootstrap) {
        return start(name, home, EnvoyCommand.of(envoy, bootstrap));
    }

    /** Takes charge of a process that this one started by other means. */
    public synchronized Child adopt(String name, long pid) {
        ProcessHandle process = ProcessHandle.of(pid).orElseThrow(() -> new TestbedFailure(name + " has ended"));
        return watch(new Child(name, process, Optional.empty()));
    }

    /** Ends several at once; returns when all have. */
    public void stop(List<Child> some) {
        some.forEach(Child::ask);
        some.forEach(Child::stop);
    }

    /** Fails when any of them is gone. */
    public synchronized void mustRun() {
        running.forEach(Child::mustRun);
    }

    /** Whether the demo is ending, so that a process that is gone is no surprise. */
    public synchronized boolean ending() {
        return closed;
    }

    /** Ends all at once. Idempotent. */
    @Override
    public void close() {
        List<Child> left;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            left = List.copyOf(running);
        }
        stop(left);
        watchdog.close();
    }

    private synchronized Child watch(Child child) {
        watchdog.watch(child.process.pid());
        running.push(child);
        return child;
    }

    private synchronized void forget(Child child) {
        if (running.remove(child)) {
            watchdog.forget(child.process.pid());
        }
    }

    private static String tail(Path log) {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
        } catch (IOException e) {
            return "(unreadable: " + e.getMessage() + ")";
        }
    }
}
