package dev.weir.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.ledger.BookReader;
import dev.weir.control.ledger.Ledger;
import dev.weir.control.store.SqliteDatabase;
import dev.weir.control.testbed.RawCall;
import dev.weir.control.testbed.provider.DemoProvider;
import dev.weir.control.testbed.provider.ProviderSpec;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.testing.EnvoyProcess;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A newcomer's way from nothing to the first answer, and to the end. */
final class NewcomerIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String MODEL = "first-model";
    private static final String QUESTION =
            "{\"model\":\"" + MODEL + "\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";

    /** What is started in the background by a shell that is no terminal's ignores Ctrl-C, and so does all that it starts. */
    private static final String HEEDS_CTRL_C = "import os, signal, sys;"
            + " signal.signal(signal.SIGINT, signal.SIG_DFL); os.execvp(sys.argv[1], sys.argv[1:])";

    @TempDir
    Path folder;

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final DemoProvider provider = DemoProvider.start(
            new ProviderSpec("first", MODEL, 4, TimeUnit.MILLISECONDS.toNanos(5)),
            0,
            (EventLoop) loops.next(),
            System::nanoTime,
            InstantSource.system(),
            new SplittableRandom(1));
    private final int admin = EnvoyProcess.freePort();
    private final int listen = EnvoyProcess.freePort();
    private final int envoyAdmin = EnvoyProcess.freePort();
    private final List<ProcessHandle> family = new ArrayList<>();

    @AfterEach
    void end() {
        family.forEach(ProcessHandle::destroyForcibly);
        provider.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void from_nothing_to_an_answer_through_a_killed_sidecar_to_an_end_that_loses_nothing() throws Exception {
        init();
        Process up = up();
        awaitReady(up, 1);
        assertThat(RawCall.postJson(listen, "/v1/chat/completions", QUESTION).status())
                .isEqualTo(200);

        StringWriter told = new StringWriter();
        assertThat(new CommandLine(new RouteCommand())
                        .setOut(new PrintWriter(told))
                        .execute(MODEL, "--admin", "http://127.0.0.1:" + admin))
                .isZero();
        assertThat(told.toString())
                .contains("A request for " + MODEL + " goes to pool pool. It costs 100 atomic units")
                .containsPattern("  first: 100 %, would not wait; .*in flight");

        ProcessHandle sidecar = part(up, "bootstrap.json");
        sidecar.destroyForcibly();
        awaitReady(up, 2);
        assertThat(RawCall.postJson(listen, "/v1/chat/completions", QUESTION).status())
                .isEqualTo(200);
        assertThat(said("log"))
                .contains("sidecar       | ended with exit status 137 (signal 9); starting it again in 0.2 s");

        assertThat(new ProcessBuilder("kill", "-INT", String.valueOf(up.pid()))
                        .start()
                        .waitFor())
                .isZero();
        assertThat(up.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(up.exitValue()).isEqualTo(130);
        assertThat(said("log"))
                .contains("ending: no new work, what was reported is stored")
                .doesNotContain("cannot be read");
        assertThat(family).hasSizeGreaterThanOrEqualTo(5).noneMatch(ProcessHandle::isAlive);
        assertThat(folder.resolve("config/data/up.lock")).isEmptyFile();
        try (SqliteDatabase ledger = SqliteDatabase.open(folder.resolve("config/data/weir.db"))) {
            assertThat(BookReader.read(ledger).rows().stream()
                            .filter(row -> row.record().identity().kind() == AccessRecord.Kind.CALL))
                    .as("both calls, and the file has confirmed them")
                    .hasSize(2)
                    .allMatch(Ledger.Row::fromFile);
        }
    }

    @Test
    void killed_it_leaves_no_process_and_the_next_one_starts_at_once() throws Exception {
        init();
        Process killed = up();
        awaitReady(killed, 1);
        killed.destroyForcibly().waitFor();

        Process next = up();
        awaitReady(next, 1);
        assertThat(RawCall.postJson(listen, "/v1/chat/completions", QUESTION).status())
                .isEqualTo(200);
        next.destroy();
        assertThat(next.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        await().atMost(PATIENCE).until(() -> family.stream().noneMatch(ProcessHandle::isAlive));
    }

    private void init() {
        assertThat(new CommandLine(new InitCommand())
                        .setOut(new PrintWriter(new StringWriter()))
                        .execute(
                                folder.resolve("config").toString(),
                                "--provider",
                                "first=http://127.0.0.1:" + provider.port() + "/v1",
                                "--model",
                                MODEL,
                                "--xds-port",
                                String.valueOf(EnvoyProcess.freePort()),
                                "--admin-port",
                                String.valueOf(admin)))
                .isZero();
    }

    private Process up() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "python3",
                "-c",
                HEEDS_CTRL_C,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx160m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.weir.control.cli.Main",
                "up",
                "--config",
                folder.resolve("config").toString(),
                "--listen",
                "127.0.0.1:" + listen,
                "--envoy-admin",
                "127.0.0.1:" + envoyAdmin));
        Process up = new ProcessBuilder(command)
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("log").toFile())
                .start();
        family.add(up.toHandle()); // first, as it would start the others again
        return up;
    }

    /** Waits until it has said so for the {@code times}th time, and learns who belongs to it. */
    private void awaitReady(Process up, int times) {
        String ready = "ready: http://127.0.0.1:" + listen + "/v1\n";
        await().atMost(PATIENCE).until(() -> !up.isAlive() || said("out").equals(ready.repeat(times)));
        assertThat(up.isAlive()).as(said("log")).isTrue();
        up.descendants().forEach(family::add);
    }

    private static ProcessHandle part(Process up, String argument) {
        return up.children()
                .filter(child -> child.info().commandLine().orElse("").contains(argument))
                .findFirst()
                .orElseThrow();
    }

    private String said(String file) {
        try {
            return Files.readString(folder.resolve(file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
