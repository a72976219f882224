package dev.weir.control.demo;

import java.io.PrintStream;
import java.util.Locale;

/** A table that is written over itself each second, for terminals. */
final class LiveTable implements LiveView {
    private static final int BAR = 24;

    private final PrintStream out;
    private int linesShown;

    LiveTable(PrintStream out) {
        this.out = out;
    }

    @Override
    public void show(String policy, String note, Sample sample) {
        StringBuilder text = new StringBuilder();
        line(text, "%s   second %d of %d   %s", policy, sample.second(), sample.seconds(), note);
        line(
                text,
                "  %-8s %9s %6s %7s %-24s %10s %8s",
                "provider",
                "work/s",
                "speed",
                "share",
                "",
                "in service",
                "waiting");
        for (Sample.OfProvider row : sample.providers()) {
            line(
                    text,
                    "  %-8s %9.0f %5.0f%% %6.1f%% %-24s %7d/%-2d %8d",
                    row.name(),
                    row.capacity(),
                    100 * row.speed(),
                    100 * row.share(),
                    "#".repeat((int) Math.round(BAR * row.share())),
                    row.inService(),
                    row.slots(),
                    row.waiting());
        }
        line(text, "  %s", PlainLines.summary(sample));
        if (linesShown > 0) {
            out.printf(Locale.ROOT, "\u001b[%dA\u001b[J", linesShown); // up, and clear from there on
        }
        out.print(text);
        out.flush();
        linesShown = sample.providers().size() + 3;
    }

    @Override
    public void end() {
        linesShown = 0;
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
    }
}
