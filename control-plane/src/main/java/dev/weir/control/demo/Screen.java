package dev.weir.control.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/** The terminal or file that the demo speaks to. */
final class Screen {
    private final PrintStream out;
    private final LiveView view;

    Screen(PrintStream out) {
        this.out = out;
        this.view = isTerminal() ? new LiveTable(out) : new PlainLines(out);
    }

    void say(String line) {
        out.println(line);
        out.flush();
    }

    void say(List<String> lines) {
        lines.forEach(line -> say("  " + line));
    }

    LiveView view() {
        return view;
    }

    /** Asks the shell: the JVM cannot tell whether its output alone is a terminal. */
    private static boolean isTerminal() {
        try {
            return new ProcessBuilder("sh", "-c", "test -t 1")
                            .inheritIO()
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false; // plain lines are right everywhere
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
