package dev.weir.control.up;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs one part, and runs it again whenever it ends, until it is told to stop. */
@ThreadSafe
final class PartRunner {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /** A signal for the whole group of processes ends parts in the same moment in which this one hears of it. */
    private static final Duration SAME_MOMENT = Duration.ofMillis(150);

    private static final int HOPELESS = 5;
    private static final int SIGNALLED = 128;
    private static final Path SETSID = Path.of("/usr/bin/setsid");

    private final Part part;
    private final PrefixedLog log;
    private final Guard guard;
    private final Runnable changed;
    private final Thread thread;

    @GuardedBy("this")
    private Optional<Process> running = Optional.empty();

    @GuardedBy("this")
    private boolean ending;

    /**
     * Starts it.
     *
     * @param changed called each time that it has ended
     */
    PartRunner(Part part, PrefixedLog log, Guard guard, Runnable changed) {
        this.part = part;
        this.log = log;
        this.guard = guard;
        this.changed = changed;
        this.thread = new Thread(this::run, "weir-up-" + part.name());
        thread.start();
    }

    synchronized boolean isRunning() {
        return running.filter(Process::isAlive).isPresent();
    }

    /** Ends it: politely, after some seconds by force. Returns when it is gone. Idempotent. */
    void stop() {
        Optional<Process> left;
        synchronized (this) {
            ending = true;
            left = running;
            notifyAll();
        }
        // not by the process itself, which would close its output: its last words are wanted
        Optional<ProcessHandle> handle = left.map(Process::toHandle);
        handle.ifPresent(ProcessHandle::destroy);
        try {
            thread.join(PATIENCE.toMillis());
            if (thread.isAlive()) {
                log.line(part.name(), "has not ended for " + PATIENCE.toSeconds() + " s and is killed");
                handle.ifPresent(ProcessHandle::destroyForcibly);
                thread.join();
            }
        } catch (InterruptedException e) {
            handle.ifPresent(ProcessHandle::destroyForcibly);
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        RestartPace pace = new RestartPace();
        try {
            while (true) {
                long began = System.nanoTime();
                String how;
                try {
                    Optional<Process> process = launch();
                    if (process.isEmpty()) {
                        return;
                    }
                    how = "ended with " + words(awaitEnd(process.get()));
                } catch (IOException e) {
                    how = "cannot be started: " + e.getMessage();
                }
                changed.run();
                if (stops(SAME_MOMENT)) {
                    return;
                }
                Duration pause = pace.next(Duration.ofNanos(System.nanoTime() - began));
                log.line(part.name(), how + "; " + again(pause, pace.inARow()));
                if (stops(pause)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody interrupts it
        }
    }

    private synchronized Optional<Process> launch() throws IOException {
        if (ending) {
            return Optional.empty();
        }
        ProcessBuilder builder = new ProcessBuilder(apart(part.command()))
                .directory(part.home().toFile())
                .redirectErrorStream(true);
        builder.environment().put("MALLOC_ARENA_MAX", "1"); // for the Java ones: a third less memory
        Process process = builder.start();
        guard.watch(process.pid());
        process.getOutputStream().close();
        running = Optional.of(process);
        return running;
    }

    /**
     * In a session of its own, where there is the tool for it: Ctrl-C at a terminal goes to a whole group, and would end all
     * parts at once instead of one after the other. Elsewhere a part at least begins with that signal ignored.
     */
    private static List<String> apart(List<String> command) {
        List<String> whole = new ArrayList<>(
                Files.isExecutable(SETSID)
                        ? List.of(SETSID.toString())
                        : List.of("sh", "-c", "trap '' INT HUP; exec \"$@\"", "weir"));
        whole.addAll(command);
        return whole;
    }

    private int awaitEnd(Process process) throws InterruptedException {
        InputStream said = process.getInputStream();
        Thread reader = new Thread(() -> log.copy(part.name(), said), "weir-up-" + part.name() + "-log");
        reader.setDaemon(true);
        reader.start();
        int status = process.waitFor();
        guard.forget(process.pid());
        reader.join(TimeUnit.SECONDS.toMillis(1)); // its last words come before the news of its end
        return status;
    }

    /** Waits, and says whether it has been told to stop. */
    private synchronized boolean stops(Duration pause) throws InterruptedException {
        long deadline = System.nanoTime() + pause.toNanos();
        long left = pause.toNanos();
        while (!ending && left > 0) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
            left = deadline - System.nanoTime();
        }
        return ending;
    }

    private static String words(int status) {
        return "exit status " + status + (status > SIGNALLED ? " (signal " + (status - SIGNALLED) + ")" : "");
    }

    private static String again(Duration pause, int inARow) {
        String next = "starting it again in " + pause.toMillis() / 1e3 + " s";
        return inARow < HOPELESS
                ? next
                : next + " (the end number " + inARow + " in a row: what it says above has to be mended first)";
    }
}
