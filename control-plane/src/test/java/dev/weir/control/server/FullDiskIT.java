package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.cli.Main;
import dev.weir.control.testing.SmallDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The database's disk is really full: before the first start, while calls come, after a kill, after an end. */
final class FullDiskIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @Test
    void a_full_disk_stops_no_call_and_no_start_and_every_call_is_there_once_there_is_room() throws Exception {
        Path folder = Files.createDirectory(directory.resolve("disk"));
        String store = "{path: %s/weir.db, export: %s/old, reserve: 2MiB}".formatted(folder, folder);
        try (SmallDisk disk = SmallDisk.mount(folder, 24)) {
            disk.fill();
            try (FaultMesh mesh = new FaultMesh(
                    directory,
                    store,
                    Main.class.getName() + " run --config",
                    disk.inside(),
                    Main.class.getName() + " collect",
                    10_000_000)) {
                mesh.agents(2, 2, 20_000_000);
                assertThat(mesh.output("control-plane"))
                        .as("a disk without room for a database")
                        .contains("is not stored")
                        .contains("disk full");
                disk.free();
                await().atMost(LONG).until(() -> mesh.metric("weir_store_full") == 0);
                await().atMost(LONG).until(() -> mesh.metric("weir_store_reserved_bytes") == 2 << 20);
                await().atMost(LONG).until(() -> mesh.metric("weir_ledger_rows{kind=\"call\"}") > 0);
                await().atMost(LONG)
                        .until(() ->
                                !mesh.books(disk.file("weir.db")).decisions().isEmpty());

                disk.fill();
                await().atMost(LONG).until(() -> mesh.metric("weir_store_full") == 1);
                assertThat(mesh.metric("weir_store_reserved_bytes")).isZero();
                mesh.awaitGoodSince(System.nanoTime());

                disk.fill(); // the reserve too
                mesh.killControlPlane();
                disk.fill();
                restartServes(mesh);
                disk.fill();
                mesh.endControlPlane();
                disk.fill();
                restartServes(mesh);

                disk.free();
                await().atMost(LONG).until(() -> mesh.metric("weir_store_full") == 0);
                assertThat(mesh.settle(disk.file("weir.db"), Map.of())).isEmpty();
                String output = mesh.output("control-plane");
                assertThat(output).doesNotContain("\tat ");
                assertThat(output.lines().filter(line -> line.matches(".* (WARN|ERROR) .*")))
                        .as("lines of trouble")
                        .hasSizeLessThan(100);
            }
        }
    }

    /** A governed pool waits for the sidecar's loads too, which Envoy sends 5 s after it lost its stream, at whatever start. */
    private static void restartServes(FaultMesh mesh) throws Exception {
        long begin = System.nanoTime();
        mesh.startControlPlane();
        await().atMost(Duration.ofSeconds(5))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> mesh.metric("weir_store_full") == 1);
        mesh.awaitGoodSince(begin);
    }
}
