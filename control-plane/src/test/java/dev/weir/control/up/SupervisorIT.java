package dev.weir.control.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes under a supervisor: small ones. */
final class SupervisorIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final PrefixedLog log = new PrefixedLog(new PrintStream(out, true, StandardCharsets.UTF_8));

    private Part shell(String name, String script) {
        return new Part(name, folder, List.of("sh", "-c", script));
    }

    private String said() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void what_ends_is_started_again_with_its_last_words_its_status_and_the_pause_in_the_log() {
        try (Supervisor supervisor = new Supervisor(log)) {
            supervisor.start(shell("broken", "echo no luck; exit 7"));
            supervisor.start(shell("killed", "kill -9 $$"));
            supervisor.start(new Part("missing", folder.resolve("nowhere"), List.of("true")));
            await().atMost(PATIENCE).until(() -> said().contains("number 5 in a row"));
        }
        assertThat(said().lines().filter(line -> line.startsWith("broken")).limit(2))
                .containsExactly(
                        "broken        | no luck",
                        "broken        | ended with exit status 7; starting it again in 0.2 s");
        assertThat(said())
                .contains("broken        | ended with exit status 7; starting it again in 0.8 s\n")
                .contains("killed        | ended with exit status 137 (signal 9); starting it again in 0.2 s\n")
                .contains("missing       | cannot be started: ")
                .containsPattern(
                        "(broken|killed|missing) +\\| .*starting it again in 3.2 s \\(the end number 5 in a row: ");
    }

    @Test
    void the_last_started_ends_first_and_the_next_only_when_it_is_gone() {
        String ends = "trap 'sleep 0.3; echo %s; exit 0' TERM; touch %s; while :; do sleep 0.05; done";
        try (Supervisor supervisor = new Supervisor(log)) {
            for (String name : List.of("first", "second", "third")) {
                supervisor.start(shell(name, ends.formatted(name, name)));
            }
            await().atMost(PATIENCE)
                    .until(() -> List.of("first", "second", "third").stream()
                            .allMatch(name -> Files.exists(folder.resolve(name))));
            assertThat(supervisor.allRun()).isTrue();
        }
        assertThat(said().lines())
                .as("last words, and no news of an end that was asked for")
                .containsExactly("third         | third", "second        | second", "first         | first");
    }

    @Test
    void what_was_asked_to_end_is_not_started_again_and_nothing_is_started_then() {
        Supervisor supervisor = new Supervisor(log);
        supervisor.start(shell("steady", "touch up; sleep 1000"));
        await().atMost(PATIENCE).until(() -> Files.exists(folder.resolve("up")));
        supervisor.close();
        supervisor.close();
        supervisor.start(shell("late", "touch late"));
        assertThat(supervisor.allRun()).isFalse();
        assertThat(folder.resolve("late")).doesNotExist();
    }

    @Test
    void a_watchdog_that_is_gone_is_replaced() throws Exception {
        try (Guard guard = new Guard()) {
            guard.watch(ProcessHandle.current().pid() + 100_000_000L);
            ProcessHandle watchdog = ProcessHandle.current()
                    .children()
                    .filter(child -> child.info().commandLine().orElse("").contains("farewell"))
                    .findFirst()
                    .orElseThrow();
            watchdog.destroyForcibly();
            watchdog.onExit().join();
            Process part = new ProcessBuilder("sleep", "1000").start();
            guard.watch(part.pid());
            guard.forget(part.pid());
            part.destroyForcibly().waitFor();
            assertThat(ProcessHandle.current()
                            .children()
                            .filter(child -> child.isAlive()
                                    && child.info().commandLine().orElse("").contains("farewell"))
                            .count())
                    .isPositive();
        }
    }
}
