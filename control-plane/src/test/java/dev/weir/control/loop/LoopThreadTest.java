package dev.weir.control.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.testing.Configs;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class LoopThreadTest {
    private final List<Throwable> told = new CopyOnWriteArrayList<>();
    private Thread.@Nullable UncaughtExceptionHandler before;

    @BeforeEach
    void listen() {
        before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> told.add(thrown));
    }

    @AfterEach
    void restore() {
        Thread.setDefaultUncaughtExceptionHandler(before);
    }

    private static LoopThread thread(ObjLongConsumer<ControlLoop.Result> after) {
        ControlLoop loop = new ControlLoop(
                new Inbox(10),
                Configs.of("p"),
                1,
                Optional.empty(),
                List.of(),
                System.nanoTime(),
                System::currentTimeMillis);
        return new LoopThread(loop, System::nanoTime, after);
    }

    @Test
    void a_tick_that_throws_is_counted_and_the_next_one_comes() {
        AtomicInteger ticks = new AtomicInteger();
        try (LoopThread thread = thread((result, nanos) -> {
            if (ticks.incrementAndGet() == 1) {
                throw new IllegalStateException("a defect");
            }
        })) {
            thread.start();
            await().until(() -> ticks.get() >= 2);
            assertThat(thread.failures()).isEqualTo(1);
        }
        assertThat(told).isEmpty();
    }

    @Test
    void an_error_is_never_silent() {
        try (LoopThread thread = thread((result, nanos) -> {
            throw new StackOverflowError();
        })) {
            thread.start();
            await().dontCatchUncaughtExceptions().until(() -> !told.isEmpty());
        }
        assertThat(told).hasSize(1).first().isInstanceOf(StackOverflowError.class);
    }
}
