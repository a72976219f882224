package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.ledger.SqlLedger;
import dev.weir.control.store.Database;
import dev.weir.control.store.SqliteDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A fleet comes back from an outage, all at once, to a control plane as its launcher starts it. */
final class BacklogIT {
    /** {@code -Dweir.full=true}: at the sizes that are promised. */
    private static Stream<Arguments> fleets() {
        return Boolean.getBoolean("weir.full")
                ? Stream.of(Arguments.of(1, 64), Arguments.of(20, 64), Arguments.of(100, 4), Arguments.of(200, 2))
                : Stream.of(Arguments.of(20, 1));
    }

    @ParameterizedTest(name = "{0} sidecars, {1} MiB behind")
    @MethodSource("fleets")
    void it_takes_in_every_record_in_bounded_memory_and_never_exits(
            int sidecars, int mebibytes, @TempDir Path directory) throws Exception {
        int lines;
        try (LaunchedControlPlane control = new LaunchedControlPlane(directory, sidecars);
                FakeFleet fleet = new FakeFleet(control.port(), sidecars, (long) mebibytes << 20)) {
            lines = fleet.lines();
            await().alias("all delivered, tried again: " + fleet.retries())
                    .atMost(Duration.ofMinutes(30))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> !control.lives() || fleet.delivered() == sidecars);
            assertThat(control.lives()).as(control.output()).isTrue();
            System.out.printf(
                    "%d sidecars, %d MiB behind: RSS %d MiB at most, tried again %s%n",
                    sidecars, mebibytes, control.peakMebibytes(), fleet.retries());
            // seen: 223 with 20 sidecars; a sidecar takes up to 1 MiB, each of another profile
            assertThat(control.peakMebibytes()).isLessThanOrEqualTo(245 + sidecars);
        }
        assertThat(calls(directory.resolve("config/weir.db"))).isEqualTo((long) sidecars * lines);
    }

    private static long calls(Path file) throws IOException {
        try (Database database = SqliteDatabase.open(file);
                SqlLedger ledger = new SqlLedger(database, pool -> Optional.empty(), records -> {})) {
            return ledger.totals().calls();
        }
    }
}
