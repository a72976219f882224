package dev.weir.control.cli;

import dev.weir.sim.experiment.Effort;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import picocli.CommandLine;

/** Runs simulations on all processors and, on a terminal, draws a bar. */
final class SimulateWorkers implements Effort.Workers, AutoCloseable {
    private static final int BAR = 40;

    private final ExecutorService threads;
    private final String title;
    private final boolean terminal = CommandLine.Help.Ansi.AUTO.enabled();

    SimulateWorkers(int count, String title) {
        this.threads = Executors.newFixedThreadPool(count);
        this.title = title;
    }

    @Override
    public <T> List<T> all(List<Supplier<T>> work) {
        List<Callable<T>> calls = new ArrayList<>();
        work.forEach(w -> calls.add(w::get));
        List<Future<T>> futures = calls.stream().map(threads::submit).toList();
        List<T> results = new ArrayList<>();
        try {
            for (Future<T> future : futures) {
                results.add(future.get());
                draw(results.size(), work.size());
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while simulating " + title, e);
        } catch (ExecutionException e) {
            threads.shutdownNow();
            throw new IllegalStateException("a run of " + title + " failed", e.getCause());
        }
        return results;
    }

    private void draw(int done, int of) {
        if (!terminal) {
            return;
        }
        int filled = BAR * done / Math.max(1, of);
        String bar = "#".repeat(filled) + ".".repeat(BAR - filled);
        String end = done == of ? "\r" + " ".repeat(BAR + title.length() + 24) + "\r" : "";
        System.err.printf("\r%s [%s] %d of %d runs%s", title, bar, done, of, end);
        System.err.flush();
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
