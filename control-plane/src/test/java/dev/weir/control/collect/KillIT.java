package dev.weir.control.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.cli.Main;
import dev.weir.control.ledger.Ledger.Totals;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both processes are killed with SIGKILL, again and again, while the log is written: nothing is lost, nothing is doubled. */
final class KillIT {
    private static final int ROUNDS = 4;

    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void end() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void killed_control_planes_and_collectors_lose_and_double_nothing() throws Exception {
        Path log = Files.createDirectory(folder.resolve("logs")).resolve("access.log");
        Path database = folder.resolve("weir.db");
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        AtomicBoolean writing = new AtomicBoolean(true);
        AtomicInteger written = new AtomicInteger();
        Thread writer = new Thread(() -> {
            while (writing.get()) {
                LogLines.append(log, LogLines.calls("r" + written.get() + "-", 10));
                written.addAndGet(10);
                java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
            }
        });
        writer.start();

        Process controlPlane = controlPlane(database, port);
        Process collector = collector(log, port);
        for (int round = 0; round < ROUNDS; round++) {
            int before = written.get();
            await().atMost(Duration.ofSeconds(90)).until(() -> written.get() > before + 500 && position(database) > 0);
            controlPlane.destroyForcibly().waitFor();
            controlPlane = controlPlane(database, port);
            long stored = position(database);
            await().atMost(Duration.ofSeconds(90)).until(() -> position(database) > stored);
            collector.destroyForcibly().waitFor();
            collector = collector(log, port);
        }
        writing.set(false);
        writer.join();

        collector.destroy(); // SIGTERM: delivers what is there
        assertThat(collector.waitFor(60, TimeUnit.SECONDS)).isTrue();
        collector = collector(log, port); // and if that took longer than it may, the next one does
        await().atMost(Duration.ofSeconds(90)).until(() -> position(database) == Files.size(log));
        collector.destroy();
        assertThat(collector.waitFor(60, TimeUnit.SECONDS)).isTrue();
        controlPlane.destroyForcibly().waitFor();

        long calls = written.get();
        try (CollectorPeer after = new CollectorPeer(database, 0)) {
            assertThat(after.totals())
                    .isEqualTo(new Totals(calls, 0, calls * LogLines.TOKENS, Map.of("a", calls), Map.of(), Map.of()));
            long rows = after.database.read(h -> h.createQuery("SELECT count(*) FROM record WHERE from_file")
                    .mapTo(Long.class)
                    .one());
            assertThat(rows).isEqualTo(calls);
        }
        assertThat(Files.readString(folder.resolve("collector.log")))
                .contains("connected to 127.0.0.1:" + port)
                .contains("the log waits, trying again")
                .contains("0 bytes left for the next start");
    }

    private long position(Path database) throws Exception {
        try (java.sql.Connection connection = java.sql.DriverManager.getConnection("jdbc:sqlite:" + database);
                java.sql.Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = 5000");
            try (java.sql.ResultSet row = statement.executeQuery(
                    "SELECT COALESCE(MAX(position), 0) FROM log_file WHERE sidecar = 'sidecar-1'")) {
                return row.next() ? row.getLong(1) : 0;
            } catch (java.sql.SQLException e) {
                return 0; // not there yet
            }
        }
    }

    private Process controlPlane(Path database, int port) throws Exception {
        return java(CollectorPeer.class, "control-plane.log", database.toString(), Integer.toString(port));
    }

    private Process collector(Path log, int port) throws Exception {
        return java(
                Main.class,
                "collector.log",
                "collect",
                "--sidecar",
                "sidecar-1",
                "--log",
                log.toString(),
                "--control-plane",
                "127.0.0.1:" + port);
    }

    private Process java(Class<?> main, String output, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve(output).toFile()))
                .start();
        started.add(process);
        return process;
    }
}
