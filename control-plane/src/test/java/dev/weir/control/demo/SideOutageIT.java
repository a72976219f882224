package dev.weir.control.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.testbed.Fleet;
import dev.weir.control.testbed.load.CallResult;
import dev.weir.control.testbed.load.LoadRun;
import dev.weir.control.testbed.load.PlannedCall;
import dev.weir.xds.wire.ClusterName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mesh whose providers stand behind a gateway, while a part of it goes away under load. */
final class SideOutageIT {
    private static final String FIRST = ClusterName.firstAttempts(Fleet.LARGEST);

    @TempDir
    Path directory;

    private static List<CallResult> finish(LoadRun run, int calls) {
        Awaitility.await().atMost(Duration.ofMinutes(3)).until(() -> run.open() == 0);
        List<CallResult> results = run.results(0);
        assertThat(results).hasSize(calls);
        assertThat(results.stream()
                        .filter(r -> !r.answered())
                        .map(r -> r.call().offsetNanos() / 1e9 + " s: " + r.status() + " "
                                + r.headers().provider() + " " + r.headers().attempts() + " attempts, "
                                + r.problem().orElse(""))
                        .limit(50))
                .as("calls that failed")
                .isEmpty();
        return results;
    }

    @Test
    void a_stalled_provider_gets_a_few_requests_and_no_call_fails() throws Exception {
        List<PlannedCall> plan = WholeMesh.plan(0.5, Duration.ofSeconds(23));
        try (WholeMesh mesh = WholeMesh.withGateway(directory)) {
            LoadRun run = mesh.play(plan);
            WholeMesh.waitUntil(run, 5);
            long stalled = System.nanoTime() - run.startNanos();
            mesh.provider(Fleet.LARGEST).setSpeed(0);
            WholeMesh.waitUntil(run, 20);
            long recovered = System.nanoTime() - run.startNanos();
            mesh.provider(Fleet.LARGEST).setSpeed(1);
            List<CallResult> results = finish(run, plan.size());

            long sent = mesh.attempts(Fleet.LARGEST, run.startNanos(), stalled, recovered);
            // most of 15 s of its share are 1 300
            assertThat(sent).as("requests into the stalled provider").isBetween(1L, 90L);
            assertThat(mesh.check(results)).isEmpty();
            assertThat(mesh.bounced()).isPositive();
        }
    }

    @Test
    void limits_stay_when_the_control_plane_is_killed_and_rest_when_it_ends() throws Exception {
        List<PlannedCall> plan = WholeMesh.plan(0.6, Duration.ofSeconds(20));
        try (WholeMesh mesh = WholeMesh.withGateway(directory)) {
            LoadRun run = mesh.play(plan);
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> mesh.told(FIRST) > 0);
            WholeMesh.waitUntil(run, 4);
            mesh.killControlPlane();
            long last = mesh.told(FIRST);
            long further = mesh.told(ClusterName.furtherAttempts(Fleet.LARGEST));
            assertThat(last).isPositive();
            assertThat(further).isGreaterThan(100); // 7 + 2 s of 175 a second, less what first attempts hold
            WholeMesh.waitUntil(run, 7);
            assertThat(mesh.told(FIRST)).isEqualTo(last);
            long tellings = mesh.tellings();
            mesh.restartControlPlane();
            // told anew, once what is in flight is known; it may well be the same as before
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> mesh.tellings() > tellings);
            mesh.endControlPlane();
            for (var provider : Fleet.PROVIDERS) {
                long resting = (long) Math.ceil(provider.slots() + 2 * Math.sqrt(provider.slots()));
                assertThat(mesh.told(ClusterName.firstAttempts(provider.name())))
                        .isEqualTo(resting);
                assertThat(mesh.told(ClusterName.furtherAttempts(provider.name())))
                        .isGreaterThan(resting);
            }
            finish(run, plan.size());
        }
    }
}
