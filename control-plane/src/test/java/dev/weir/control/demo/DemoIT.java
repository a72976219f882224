package dev.weir.control.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code weir demo} as its user starts it, on a real chain and real Envoys. */
final class DemoIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    private final List<ProcessHandle> family = new ArrayList<>();

    @AfterEach
    void end() {
        family.forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void a_short_story_ends_well_and_nothing_is_lost() throws Exception {
        Path json = folder.resolve("figures.json");
        Path plot = folder.resolve("waits.svg");
        Process demo = start(
                "--seconds", "9", "--policy", "water-filling", "--json", json.toString(), "--plot", plot.toString());
        awaitReady(demo);
        assertThat(demo.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(demo.exitValue()).as(said()).isZero();
        assertNothingLeft();

        JsonNode root = new ObjectMapper().readTree(json.toFile());
        JsonNode figures = root.path("policies").path("water-filling");
        assertThat(figures.path("offered").asLong()).isGreaterThan(2000);
        assertThat(figures.path("completed")).as(said()).isEqualTo(figures.path("offered"));
        for (String none : List.of(
                "refused", "failed", "unfinished", "missingRecords", "extraRecords", "missingHeaders", "nacks")) {
            assertThat(figures.path(none).asLong(-1)).as(none).isZero();
        }
        assertThat(figures.path("attempts").path("ledger"))
                .isEqualTo(figures.path("attempts").path("providers"));
        assertThat(figures.path("tokens").path("ledger").asLong())
                .isPositive()
                .isEqualTo(figures.path("tokens").path("providers").asLong());
        assertThat(figures.path("releases").asLong()).isPositive();
        assertThat(root.path("capacity")).hasSize(5).allSatisfy(one -> {
            assertThat(one.path("blockNumber").asLong()).isPositive();
            assertThat("p" + one.path("declared").asInt())
                    .isEqualTo(one.path("provider").asText());
        });
        assertThat(Files.readString(plot)).startsWith("<svg");
        assertThat(said())
                .contains("HTTP/1.1 200 OK")
                .contains("weir-provider: ")
                .contains("Its row in the ledger:")
                .contains("\"mesh\":\"demo\"");
    }

    @Test
    void told_to_end_it_leaves_no_process() throws Exception {
        Process demo = start("--seconds", "240", "--policy", "water-filling");
        awaitReady(demo);
        demo.destroy();
        assertThat(demo.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertNothingLeft();
    }

    @Test
    void killed_it_leaves_no_process() throws Exception {
        Process demo = start("--seconds", "240", "--policy", "water-filling");
        awaitReady(demo);
        demo.destroyForcibly();
        assertThat(demo.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertNothingLeft();
    }

    private Process start(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + folder,
                "-cp",
                System.getProperty("java.class.path"),
                "dev.weir.control.cli.Main",
                "demo"));
        command.addAll(List.of(options));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("said").toFile())
                .start();
    }

    /** Waits until the mesh stands, and learns who belongs to it. */
    private void awaitReady(Process demo) {
        await().atMost(PATIENCE)
                .until(() -> !demo.isAlive()
                        || (said().contains("are ready") && demo.descendants().count() >= 7));
        assertThat(demo.isAlive()).as(said()).isTrue();
        demo.descendants().forEach(family::add);
    }

    private void assertNothingLeft() {
        await().atMost(PATIENCE).until(() -> family.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(family).hasSizeGreaterThanOrEqualTo(7); // shell, chain, control plane, two sidecars, two collectors
    }

    private String said() {
        try {
            return Files.readString(folder.resolve("said"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
