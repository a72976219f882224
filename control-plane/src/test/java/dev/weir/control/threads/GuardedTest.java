package dev.weir.control.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class GuardedTest {
    private final List<Throwable> told = new CopyOnWriteArrayList<>();
    private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "test");
        thread.setUncaughtExceptionHandler((any, thrown) -> told.add(thrown));
        return thread;
    });

    @AfterEach
    void end() {
        executor.shutdownNow();
    }

    @Test
    void an_exception_ends_one_turn_only() {
        AtomicInteger turns = new AtomicInteger();
        var unused = executor.scheduleAtFixedRate(
                new Guarded("a task", () -> {
                    turns.incrementAndGet();
                    throw new IllegalStateException("a defect");
                }),
                0,
                1,
                TimeUnit.MILLISECONDS);
        await().until(() -> turns.get() > 3);
        assertThat(told).isEmpty();
    }

    @Test
    void an_error_is_told_to_who_hears_of_errors_of_threads() {
        var unused = executor.scheduleAtFixedRate(
                new Guarded("a task", () -> {
                    throw new NoClassDefFoundError("gone");
                }),
                0,
                1,
                TimeUnit.MILLISECONDS);
        await().until(() -> !told.isEmpty());
        assertThat(told).hasSize(1).first().isInstanceOf(NoClassDefFoundError.class);
    }
}
