package dev.weir.control.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.collect.Collector.Settings;
import dev.weir.control.model.Failpoints;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real files, a real port, a real database. */
final class CollectorIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private Path log;
    private Path database;
    private CollectorPeer controlPlane;
    private final List<Running> running = new ArrayList<>();

    private record Running(Collector collector, Thread thread) {}

    @BeforeEach
    void start() throws Exception {
        Path logs = Files.createDirectory(folder.resolve("logs"));
        log = logs.resolve("access.log");
        database = folder.resolve("weir.db");
        controlPlane = new CollectorPeer(database, 0);
    }

    @AfterEach
    void end() throws Exception {
        stop();
        controlPlane.close();
    }

    private void collect(Optional<HostPort> admin, long maxBytes) {
        collect(new HostPort("127.0.0.1", controlPlane.port()), admin, maxBytes);
    }

    private void collect(HostPort address, Optional<HostPort> admin, long maxBytes) {
        Collector started = new Collector(
                new Settings("sidecar-1", log, address, admin, maxBytes),
                System::nanoTime,
                new SplittableRandom(1),
                Failpoints.NONE);
        Thread thread = new Thread(() -> {
            try {
                started.run();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        thread.start();
        running.add(new Running(started, thread));
    }

    private void stop() throws InterruptedException {
        for (Running one : running) {
            one.collector.stop();
            one.thread.join();
        }
        running.clear();
    }

    private void awaitCalls(long count) {
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(controlPlane.totals().calls()).isEqualTo(count));
        assertThat(controlPlane.totals().totalTokens()).isEqualTo(count * LogLines.TOKENS);
    }

    @Test
    void what_is_there_and_what_comes_is_delivered_once() throws Exception {
        LogLines.append(log, LogLines.calls("a", 1_000));
        collect(Optional.empty(), 1 << 26);
        awaitCalls(1_000);
        LogLines.append(log, LogLines.calls("b", 1_000));
        awaitCalls(2_000);
        stop();
        LogLines.append(log, LogLines.calls("c", 10));
        collect(Optional.empty(), 1 << 26);
        awaitCalls(2_010);
        assertThat(controlPlane.ledger.counts().duplicates()).isZero();
    }

    @Test
    void it_waits_for_a_log_that_is_not_there_yet() {
        collect(Optional.empty(), 1 << 26);
        LogLines.append(log, LogLines.calls("a", 3));
        awaitCalls(3);
    }

    @Test
    void garbage_is_counted_and_stops_nothing() {
        LogLines.append(log, "not json\n" + LogLines.call("a") + "\n\u0000{}\n" + "x".repeat(600_000) + "\n");
        LogLines.append(log, LogLines.call("b").substring(0, 50));
        collect(Optional.empty(), 1 << 26);
        awaitCalls(1);
        LogLines.append(log, LogLines.call("b").substring(50));
        awaitCalls(2);
        // the three short lines and the long one in three pieces
        assertThat(controlPlane.ledger.counts().rejectedLines()).isEqualTo(6);
    }

    @Test
    void a_control_plane_that_goes_and_comes_loses_and_doubles_nothing() {
        collect(Optional.empty(), 1 << 26);
        int port = controlPlane.port();
        int written = 0;
        for (int round = 0; round < 4; round++) {
            LogLines.append(log, LogLines.calls("a" + round + "-", 500));
            controlPlane.close();
            LogLines.append(log, LogLines.calls("b" + round + "-", 500));
            written += 1_000;
            controlPlane = new CollectorPeer(database, port);
        }
        awaitCalls(written);
    }

    @Test
    void a_chunk_that_storage_refuses_comes_again() throws Exception {
        collect(Optional.empty(), 1 << 26);
        LogLines.append(log, LogLines.calls("a", 10));
        awaitCalls(10);
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement lock = other.createStatement()) {
            lock.execute("BEGIN IMMEDIATE");
            LogLines.append(log, LogLines.calls("b", 10));
            await().atMost(LONG).until(() -> controlPlane.ledger.counts().failures() > 1);
            assertThat(controlPlane.totals().calls()).isEqualTo(10);
            lock.execute("COMMIT");
        }
        awaitCalls(20);
    }

    @Test
    void a_large_log_is_renamed_reopened_and_deleted_under_writes() throws Exception {
        try (WritingSidecar sidecar = new WritingSidecar(log)) {
            collect(Optional.of(sidecar.admin()), 100_000);
            int written = 0;
            while (sidecar.reopened.get() < 3) {
                // a log is renamed when it is nearly delivered, so storage must keep up
                if (written - controlPlane.totals().calls() < 1_000) {
                    sidecar.write(LogLines.calls("r" + written + "-", 20));
                    written += 20;
                }
                LockSupport.parkNanos(2_000_000);
            }
            awaitCalls(written);
            await().atMost(LONG).until(() -> files().equals(List.of("access.log")));
            assertThat(controlPlane.totals().calls()).isEqualTo(written);
        }
    }

    @Test
    void an_admin_port_that_refuses_is_asked_again_and_nothing_is_deleted_before() throws Exception {
        try (WritingSidecar sidecar = new WritingSidecar(log)) {
            sidecar.refusals.set(3);
            sidecar.write(LogLines.calls("a", 1_000));
            collect(Optional.of(sidecar.admin()), 100_000);
            awaitCalls(1_000);
            await().atMost(LONG).until(() -> sidecar.refusals.get() < 3 && !Files.exists(log));
            sidecar.write(LogLines.calls("b", 100)); // still into the renamed file
            await().atMost(LONG).until(() -> sidecar.reopened.get() == 1);
            sidecar.write(LogLines.calls("c", 5));
            awaitCalls(1_105);
            await().atMost(LONG).until(() -> files().equals(List.of("access.log")));
        }
    }

    @Test
    void what_an_earlier_process_renamed_is_delivered_and_deleted() throws Exception {
        LogLines.append(log, LogLines.calls("new", 5));
        LogLines.append(log.resolveSibling("access.log.weir-10"), LogLines.calls("ten", 5) + LogLines.call("torn"));
        String torn = LogLines.call("cut");
        LogLines.append(
                log.resolveSibling("access.log.weir-9"),
                LogLines.calls("nine", 5) + torn.substring(0, torn.length() - 1));
        LogLines.append(log.resolveSibling("access.log.weir-x"), "not ours\n");
        LogLines.append(log.resolveSibling("access.log.backup"), "not ours\n");
        collect(Optional.empty(), 1 << 26);
        // the last line of weir-9 lacks nothing but its newline
        awaitCalls(17);
        await().atMost(LONG)
                .until(() -> files().equals(List.of("access.log", "access.log.backup", "access.log.weir-x")));
        assertThat(controlPlane.ledger.counts().rejectedLines()).isZero();
    }

    @Test
    void a_log_that_someone_else_renames_is_delivered_to_its_end_and_kept() throws Exception {
        LogLines.append(log, LogLines.calls("a", 5));
        collect(Optional.empty(), 1 << 26);
        awaitCalls(5);
        Path moved = Files.move(log, log.resolveSibling("moved"), StandardCopyOption.ATOMIC_MOVE);
        LogLines.append(moved, LogLines.calls("b", 5));
        awaitCalls(10);
        LogLines.append(log, LogLines.calls("c", 5));
        awaitCalls(15);
        assertThat(files()).containsExactly("access.log", "moved");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "access.log.1",
                "access.log-20260101",
                "access.log-20260101-1700000000",
                "access.log.2026-01-01",
                "access-20260101.log",
                "access.1.log"
            })
    void a_log_that_was_rotated_while_nobody_looked_is_delivered_once_and_kept(String name) throws Exception {
        LogLines.append(log, LogLines.calls("a", 5));
        collect(Optional.empty(), 1 << 26);
        awaitCalls(5);
        stop();
        LogLines.append(log, LogLines.calls("b", 5));
        Path moved = Files.move(log, log.resolveSibling(name));
        // the sidecar has not opened its log anew yet
        collect(Optional.empty(), 1 << 26);
        awaitCalls(10);
        LogLines.append(moved, LogLines.calls("c", 5));
        awaitCalls(15);
        LogLines.append(log, LogLines.calls("d", 5));
        awaitCalls(20);
        stop();
        collect(Optional.empty(), 1 << 26);
        LogLines.append(log, LogLines.calls("e", 5));
        awaitCalls(25);
        assertThat(controlPlane.ledger.counts().duplicates()).isZero();
        assertThat(files()).containsExactlyInAnyOrder("access.log", name);
    }

    @Test
    void a_log_that_was_rotated_twice_in_a_row_is_delivered_whole_running_or_not() throws Exception {
        LogLines.append(log, LogLines.calls("a", 5));
        rotateTwice("b", "c");
        collect(Optional.empty(), 1 << 26);
        awaitCalls(15);
        rotateTwice("d", "e"); // faster than anybody looks
        awaitCalls(25);
        LogLines.append(log, LogLines.calls("f", 5));
        awaitCalls(30);
        assertThat(controlPlane.ledger.counts().duplicates()).isZero();
    }

    /** As logrotate does: the older ones get higher numbers. */
    private void rotateTwice(String between, String after) throws IOException {
        for (String next : List.of(between, after)) {
            for (int i = 5; i >= 1; i--) {
                Path from = log.resolveSibling("access.log." + i);
                if (Files.exists(from)) {
                    Files.move(from, log.resolveSibling("access.log." + (i + 1)));
                }
            }
            Files.move(log, log.resolveSibling("access.log.1"));
            LogLines.append(log, LogLines.calls(next, 5));
        }
    }

    @Test
    void a_renamed_log_is_followed_until_the_sidecar_writes_elsewhere() throws Exception {
        try (WritingSidecar sidecar = new WritingSidecar(log)) {
            sidecar.write(LogLines.calls("a", 5));
            collect(Optional.empty(), 1 << 26);
            awaitCalls(5);
            Files.move(log, log.resolveSibling("access.log.1"));
            Files.createFile(log); // logrotate's "create"
            LockSupport.parkNanos(2 * Tails.SETTLE_NANOS);
            sidecar.write(LogLines.calls("b", 5));
            awaitCalls(10);
            sidecar.reopen();
            sidecar.write(LogLines.calls("c", 5));
            awaitCalls(15);
        }
    }

    @Test
    void a_log_that_was_copied_and_emptied_is_delivered_whole() throws Exception {
        LogLines.append(log, LogLines.calls("a", 50));
        collect(Optional.empty(), 1 << 26);
        awaitCalls(50);
        stop();
        LogLines.append(log, LogLines.calls("b", 50));
        Files.copy(log, log.resolveSibling("access.log.1"));
        Files.write(log, new byte[0]);
        LogLines.append(log, LogLines.calls("c", 5));
        collect(Optional.empty(), 1 << 26);
        awaitCalls(105);
        Files.copy(log, log.resolveSibling("access.log.2"));
        Files.write(log, new byte[0]);
        LogLines.append(log, LogLines.calls("d", 3));
        awaitCalls(108);
    }

    @Test
    void what_is_compressed_or_anothers_is_left_alone() throws Exception {
        for (String name : List.of(
                "access.log.1.gz",
                "access.log-20260101.zst",
                "access-2.log",
                "access.log.bak",
                "access.log.old",
                "b.log.1")) {
            LogLines.append(log.resolveSibling(name), LogLines.calls(name, 5));
        }
        LogLines.append(log, LogLines.calls("a", 5));
        collect(Optional.empty(), 1 << 26);
        awaitCalls(5);
        stop();
        assertThat(controlPlane.totals().calls()).isEqualTo(5);
        assertThat(controlPlane.ledger.counts().rejectedLines()).isZero();
    }

    @Test
    void a_log_that_someone_empties_goes_on_from_its_new_start() throws Exception {
        LogLines.append(log, LogLines.calls("a", 50));
        collect(Optional.empty(), 1 << 26);
        awaitCalls(50);
        Files.write(log, new byte[0]);
        LogLines.append(log, LogLines.calls("b", 5));
        awaitCalls(55);
    }

    @Test
    void stopping_delivers_what_is_there() throws Exception {
        collect(Optional.empty(), 1 << 26);
        LogLines.append(log, LogLines.calls("a", 20_000) + "{\"torn\":");
        stop();
        awaitCalls(20_000);
    }

    @Test
    void stopping_without_a_control_plane_ends() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        LogLines.append(log, LogLines.calls("a", 20));
        collect(new HostPort("127.0.0.1", free), Optional.empty(), 1 << 26);
        stop();
        collect(Optional.empty(), 1 << 26);
        awaitCalls(20);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.list(log.getParent())) {
            return all.map(p -> String.valueOf(p.getFileName())).sorted().toList();
        }
    }
}
