package dev.weir.control.threads;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LastWordTest {
    private final List<String> ended = new ArrayList<>();
    private final LastWord lastWord = new LastWord(() -> ended.add("ended"));

    @Test
    void an_error_ends_the_process_and_an_exception_does_not() {
        lastWord.uncaughtException(Thread.currentThread(), new IllegalStateException("a defect"));
        assertThat(ended).isEmpty();
        for (Error error : List.of(
                new OutOfMemoryError("no room"),
                new StackOverflowError(),
                new AssertionError("never"),
                new NoClassDefFoundError("gone"))) {
            ended.clear();
            lastWord.uncaughtException(Thread.currentThread(), error);
            assertThat(ended).as("%s", error).hasSize(1);
        }
    }

    @Test
    void a_loop_that_an_exception_ends_is_an_error() throws Exception {
        Thread loop = Named.loop("the-loop", () -> {
            throw new IllegalStateException("a defect");
        });
        loop.setUncaughtExceptionHandler(lastWord);
        loop.start();
        loop.join();
        assertThat(ended).hasSize(1);

        Thread told = Named.loop("told-to-end", () -> {});
        told.setUncaughtExceptionHandler(lastWord);
        told.start();
        told.join();
        assertThat(ended).hasSize(1);
    }

    @Test
    void it_ends_even_when_nothing_can_be_said_any_more() {
        Error unspeakable = new Error() {
            @Override
            public StackTraceElement[] getStackTrace() {
                throw new OutOfMemoryError("no room for words");
            }
        };
        try {
            lastWord.uncaughtException(Thread.currentThread(), unspeakable);
        } catch (OutOfMemoryError e) {
            assertThat(e).hasMessage("no room for words");
        }
        assertThat(ended).hasSize(1);
    }
}
