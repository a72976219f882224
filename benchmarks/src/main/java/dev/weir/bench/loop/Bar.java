package dev.weir.bench.loop;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Progress on one line that is written over; one line more for each run that is done. Not safe for several threads. */
final class Bar implements AutoCloseable {
    private static final int WIDTH = 30;
    private static final long PERIOD_NANOS = 500_000_000;

    private final PrintWriter out;
    private final List<Trial> trials;
    private final LongSupplier nanoClock;
    private final double allSeconds;
    private int done;
    private double doneSeconds;
    private long drawnNanos;

    Bar(PrintWriter out, List<Trial> trials, LongSupplier nanoClock) {
        this.out = out;
        this.trials = trials;
        this.nanoClock = nanoClock;
        this.allSeconds = trials.stream().mapToDouble(Trial::seconds).sum();
        this.drawnNanos = nanoClock.getAsLong() - PERIOD_NANOS;
    }

    /** @param part of the current trial, 0-1 */
    void at(double part) {
        long now = nanoClock.getAsLong();
        if (now - drawnNanos < PERIOD_NANOS) {
            return;
        }
        drawnNanos = now;
        Trial trial = trials.get(done);
        double all = (doneSeconds + part * trial.seconds()) / allSeconds;
        int full = (int) (all * WIDTH);
        out.print(String.format(
                Locale.ROOT,
                "\r[%s%s] %3.0f %%  %d of %d: %s, load %.2f, seed %d, about %.0f min left   ",
                "#".repeat(full),
                ".".repeat(WIDTH - full),
                100 * all,
                done + 1,
                trials.size(),
                trial.name(),
                trial.load(),
                trial.seed(),
                Math.ceil((1 - all) * allSeconds / 60)));
        out.flush();
    }

    void done(Row row) {
        doneSeconds += trials.get(done).seconds();
        done++;
        out.print(String.format(
                Locale.ROOT,
                "\r\033[K%-14s load %.2f seed %d: wait %.1f / %.0f ms, response %.1f / %.0f ms%n",
                row.name(),
                row.load(),
                row.seed(),
                row.meanWait(),
                row.p99Wait(),
                row.meanResponse(),
                row.p99Response()));
        out.flush();
    }

    @Override
    public void close() {
        out.print("\r\033[K");
        out.flush();
    }
}
