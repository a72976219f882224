package dev.weir.control.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class WatchdogIT {
    private final Process obedient = start("sleep 1000");
    private final Process deaf = start("trap '' TERM; while :; do sleep 0.1; done");
    private final Process forgotten = start("sleep 1000");

    WatchdogIT() throws IOException {}

    @AfterEach
    void end() {
        List.of(obedient, deaf, forgotten).forEach(Process::destroyForcibly);
    }

    @Test
    void ends_what_is_left_when_its_input_ends_without_a_farewell() throws Exception {
        Process watchdog = new ProcessBuilder(Watchdog.command()).start();
        String orders = "watch %d\nwatch %d\nwatch %d\nforget %d\n"
                .formatted(obedient.pid(), forgotten.pid(), deaf.pid(), forgotten.pid());
        watchdog.getOutputStream().write(orders.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        watchdog.getOutputStream().close(); // as the death of its parent would
        await().atMost(Duration.ofSeconds(30)).until(() -> !obedient.isAlive() && !deaf.isAlive());
        assertThat(watchdog.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(forgotten.isAlive()).isTrue();
    }

    @Test
    void touches_nothing_after_a_farewell() {
        try (Watchdog watchdog = new Watchdog()) {
            watchdog.watch(obedient.pid());
        }
        assertThat(obedient.isAlive()).isTrue();
    }

    private static Process start(String script) throws IOException {
        return new ProcessBuilder("sh", "-c", script).start();
    }
}
