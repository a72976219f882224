package dev.weir.control.testbed;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A shell that outlives this process by a moment: it reads process ids from its standard input, and when that ends without
 * a farewell (this process was killed) it ends those that are left. So even SIGKILL leaves nothing behind.
 */
public final class Watchdog implements AutoCloseable {
    private static final String SCRIPT = """
            trap '' INT TERM HUP
            pids=' '
            while read -r word pid; do
              case $word in
                watch) pids="$pids$pid " ;;
                forget) pids="${pids%% $pid *} ${pids#* $pid }" ;;
                farewell) exit 0 ;;
              esac
            done
            kill $pids
            for i in 1 2 3 4 5 6 7 8 9 10; do
              sleep 0.3
              alive=
              for pid in $pids; do kill -0 $pid && alive="$alive $pid"; done
              [ -z "$alive" ] && exit 0
            done
            kill -9 $alive
            """;

    private final Process shell;

    @GuardedBy("this")
    private final Writer orders;

    public Watchdog() {
        try {
            shell = new ProcessBuilder(command())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            orders = shell.outputWriter(StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new TestbedFailure("sh: " + e.getMessage() + " (expected: a POSIX shell on PATH)");
        }
    }

    /** The shell and its script, without arguments. */
    static List<String> command() {
        return List.of("sh", "-c", SCRIPT);
    }

    public void watch(long pid) {
        order("watch " + pid);
    }

    public void forget(long pid) {
        order("forget " + pid);
    }

    private synchronized void order(String order) {
        try {
            orders.write(order + "\n");
            orders.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("watchdog", e);
        }
    }

    @Override
    public void close() {
        order("farewell");
        shell.onExit().join();
    }
}
