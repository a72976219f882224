package dev.weir.control.up;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Where the output of all parts goes: line by line, each with who said it in front. */
@ThreadSafe
final class PrefixedLog {
    /** Longer ones are broken. */
    static final int LINE = 8192;

    @GuardedBy("this")
    private final PrintStream out;

    PrefixedLog(PrintStream out) {
        this.out = out;
    }

    /** @param text control characters in it are shown as ?, so that a line stays one */
    void line(String who, String text) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints().forEach(c -> safe.appendCodePoint(Character.isISOControl(c) && c != '\t' ? '?' : c));
        synchronized (this) {
            out.println(String.format(Locale.ROOT, "%-13s | %s", who, safe));
            out.flush();
        }
    }

    /** Copies what a part says until it says no more. */
    void copy(String who, InputStream said) {
        StringBuilder line = new StringBuilder();
        try (Reader reader = new InputStreamReader(said, StandardCharsets.UTF_8)) {
            char[] some = new char[LINE];
            for (int n = reader.read(some); n >= 0; n = reader.read(some)) {
                for (int i = 0; i < n; i++) {
                    if (some[i] == '\n' || line.length() >= LINE) {
                        line(who, line.toString());
                        line.setLength(0);
                    }
                    if (some[i] != '\n' && some[i] != '\r') {
                        line.append(some[i]);
                    }
                }
            }
        } catch (IOException e) {
            line.append(" (its output cannot be read: ").append(e.getMessage()).append(")");
        }
        if (!line.isEmpty()) {
            line(who, line.toString());
        }
    }
}
