package dev.weir.control.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class OneThreadTest {
    private final OneThread thread = new OneThread();

    @Test
    void the_first_that_owns_it_is_the_only_one_that_may_enter() throws Exception {
        thread.own();
        thread.own();
        thread.check();
        assertThat(elsewhere(thread::check))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("caller: thread stranger (expected: %s, and no other)"
                        .formatted(Thread.currentThread().getName()));
        assertThat(elsewhere(thread::own)).isInstanceOf(IllegalStateException.class);
        assertThatNoException().isThrownBy(thread::check);
    }

    @Test
    void before_there_is_an_owner_any_may_enter() throws Exception {
        thread.check();
        assertThat(elsewhere(thread::check)).isNull();
        assertThat(elsewhere(thread::own)).isNull();
        assertThat(catchThrowable(thread::check)).isInstanceOf(IllegalStateException.class);
    }

    private static Throwable elsewhere(Runnable call) throws Exception {
        FutureTask<Throwable> task = new FutureTask<>(() -> catchThrowable(call::run));
        new Thread(task, "stranger").start();
        return task.get();
    }
}
