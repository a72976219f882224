package dev.weir.control.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The processes that the demo started, each with its output in a file. They end with this object, the last one started
 * first, however this process ends. Any thread.
 */
final class Children implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 5;
    private static final int TAIL_LINES = 12;

    private final Path logs;
    private final Watchdog watchdog = new Watchdog();
    private final Deque<Child> running = new ArrayDeque<>();
    private boolean closed;

    /** @param logs existing directory for the processes' output */
    Children(Path logs) {
        this.logs = logs;
    }

    /** A started process. */
    final class Child {
        private final String name;
        private final Process process;
        private final Path log;

        private Child(String name, Process process, Path log) {
            this.name = name;
            this.process = process;
            this.log = log;
        }

        /** Fails with the end of its output when the process is gone. */
        void mustRun() {
            if (!process.isAlive()) {
                throw new DemoFailure(name + " ended with exit code " + process.exitValue() + "; " + log
                        + " ends with:\n" + tail(log));
            }
        }

        Path log() {
            return log;
        }

        /** Ends it: politely, after five seconds by force. Idempotent. */
        void stop() {
            process.destroy();
            try {
                if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
            synchronized (Children.this) {
                if (running.remove(this)) {
                    watchdog.forget(process.pid());
                }
            }
        }
    }

    /**
     * @param name for messages and the log's name
     * @param environment added to this process's own
     */
    synchronized Child start(String name, Map<String, String> environment, Path directory, List<String> command) {
        if (closed) {
            throw new DemoFailure(name + ": the demo is ending");
        }
        Path log = logs.resolve(name + ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            watchdog.watch(process.pid());
            process.getOutputStream().close();
            Child child = new Child(name, process, log);
            running.push(child);
            return child;
        } catch (IOException e) {
            throw new DemoFailure(name + " cannot be started: " + e.getMessage());
        }
    }

    /** Fails when any of them is gone. */
    synchronized void mustRun() {
        running.forEach(Child::mustRun);
    }

    /** Ends all, the last one started first. */
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
        left.forEach(Child::stop);
        watchdog.close();
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
