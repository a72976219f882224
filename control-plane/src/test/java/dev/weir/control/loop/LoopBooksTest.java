package dev.weir.control.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.weir.control.testing.Configs;
import dev.weir.control.threads.OneThread;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class LoopBooksTest {
    @Test
    void each_book_refuses_every_thread_but_the_loops() throws Exception {
        OneThread thread = new OneThread();
        thread.own();
        for (Map.Entry<String, Runnable> call : calls(thread).entrySet()) {
            assertThatNoException()
                    .as(call.getKey())
                    .isThrownBy(() -> call.getValue().run());
            assertThat(elsewhere(call.getValue()))
                    .as(call.getKey())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("caller: thread ");
        }
    }

    @Test
    void the_first_to_tick_is_the_loops_thread() throws Exception {
        ControlLoop loop = new ControlLoop(new Inbox(10), Configs.of("p"), 1, Optional.empty(), List.of(), 0, () -> 0);
        loop.tick(1);
        assertThat(elsewhere(() -> loop.tick(2))).isInstanceOf(IllegalStateException.class);
        assertThat(elsewhere(loop::clipped)).as("a figure for any thread").isNull();
    }

    private static Map<String, Runnable> calls(OneThread thread) {
        LoadState loads = new LoadState(thread);
        ProxyLoad proxies = new ProxyLoad(thread);
        CompletionCounts counts = new CompletionCounts(thread, name -> Optional.empty());
        FlowingAttempts flows = new FlowingAttempts(thread);
        Contrast contrast = new Contrast(thread);
        CheckedDemand checks = new CheckedDemand(thread);
        ReleaseGuard guard = new ReleaseGuard(thread, 0, true);
        Locations locations = new Locations(thread, Optional.empty());
        Map<String, Runnable> calls = new LinkedHashMap<>();
        calls.put("loads, read", () -> loads.inFlight("m|p"));
        calls.put("loads, write", () -> loads.expire(1));
        calls.put("proxies", () -> proxies.connected("side"));
        calls.put("counts", () -> counts.take("m", "p"));
        calls.put("flows", () -> flows.retainPools(Set.of()));
        calls.put("contrast", () -> contrast.judge("m", Map.of(), 1));
        calls.put("checks", () -> checks.demand("m", List.of(), 1));
        calls.put("guard", () -> guard.holds(1, loads, false));
        calls.put("locations", locations::complete);
        return calls;
    }

    private static Throwable elsewhere(Runnable call) throws Exception {
        FutureTask<Throwable> task = new FutureTask<>(() -> catchThrowable(call::run));
        new Thread(task, "stranger").start();
        return task.get();
    }
}
