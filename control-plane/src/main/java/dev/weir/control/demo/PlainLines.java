package dev.weir.control.demo;

import java.io.PrintStream;
import java.util.Locale;
import java.util.stream.Collectors;

/** One line every few seconds, for files and pipes. */
final class PlainLines implements LiveView {
    private static final int EVERY_SECONDS = 2;

    private final PrintStream out;
    private String lastNote = "";

    PlainLines(PrintStream out) {
        this.out = out;
    }

    @Override
    public void show(String policy, String note, Sample sample) {
        if (!note.equals(lastNote)) {
            out.println("  " + (note.isEmpty() ? "everything as declared" : note));
            lastNote = note;
        }
        if (sample.second() % EVERY_SECONDS == 0) {
            String providers = sample.providers().stream()
                    .map(row ->
                            String.format(Locale.ROOT, "%s %.0f%% +%d", row.name(), 100 * row.share(), row.waiting()))
                    .collect(Collectors.joining(", "));
            out.printf(
                    Locale.ROOT,
                    "  %s %2d/%d s: %s; share +waiting: %s%n",
                    policy,
                    sample.second(),
                    sample.seconds(),
                    summary(sample),
                    providers);
        }
    }

    @Override
    public void end() {
        lastNote = "";
    }

    /** The mesh in one line. */
    static String summary(Sample sample) {
        if (sample.congestion() < 0) {
            return sample.callsPerSecond() + " calls/s";
        }
        String price = sample.minPrice() == sample.maxPrice()
                ? Long.toString(sample.minPrice())
                : sample.minPrice() + "-" + sample.maxPrice();
        return String.format(
                Locale.ROOT,
                "%d calls/s, mean wait %.0f ms, price %s, congestion %d",
                sample.callsPerSecond(),
                sample.meanWaitMillis(),
                price,
                sample.congestion());
    }
}
