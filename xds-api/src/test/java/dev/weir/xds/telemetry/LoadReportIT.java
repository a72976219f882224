package dev.weir.xds.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.telemetry.LoadReport.ClusterLoad;
import dev.weir.xds.testing.EnvoyProcess;
import dev.weir.xds.testing.ProviderFake;
import dev.weir.xds.testing.TestControlPlane;
import dev.weir.xds.testing.TestResources;
import dev.weir.xds.testing.TestResources.Member;
import dev.weir.xds.testing.TestSidecar;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real sidecar reports of its load. */
final class LoadReportIT {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    private final SidecarProfile.Consumer profile =
            new SidecarProfile.Consumer("127.0.0.1", EnvoyProcess.freePort(), "weir-access.log");
    private final ProviderFake provider = new ProviderFake(200);
    private TestControlPlane control = new TestControlPlane(0);

    @AfterEach
    void stop() {
        provider.close();
        control.close();
    }

    @Test
    void gauges_follow_what_is_in_flight_and_counters_add_up() {
        publish();
        try (EnvoyProcess envoy = TestSidecar.start(directory, "sidecar-1", profile, control.port())) {
            await().atMost(LONG).until(envoy::isReady);
            // what begins before the first report was asked for is in no counter: Envoy clears them then
            await().atMost(LONG).until(() -> loads("chat|b").findAny().isPresent());
            List<CompletableFuture<HttpResponse<String>>> held = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                held.add(send("/hold"));
            }
            // again and again, not only when something new began
            await().atMost(LONG)
                    .until(() ->
                            loads("chat|b").filter(load -> load.inFlight() == 3).count() >= 5);
            provider.release();
            held.forEach(CompletableFuture::join);
            int before = control.telemetry().loads().size();
            // idle, and reported as such
            await().atMost(LONG)
                    .until(() -> control.telemetry().loads().size() > before + 5
                            && newest("chat|b").inFlight() == 0);
            assertThat(loads("chat|b").mapToLong(ClusterLoad::issued).sum()).isEqualTo(3);
            assertThat(loads("chat|b").mapToLong(ClusterLoad::succeeded).sum()).isEqualTo(3);
            assertThat(loads("chat|b").mapToLong(ClusterLoad::failed).sum()).isZero();
            assertThat(loads("chat|b")).allMatch(load -> load.intervalNanos() > 50_000_000L);
            // the sidecar's own clusters are no load, and nothing else was wrong
            assertThat(control.telemetry().loads()).allSatisfy(report -> {
                assertThat(report.node()).isEqualTo("sidecar-1");
                assertThat(report.clusters()).allMatch(load -> load.cluster().startsWith("chat|"));
            });
            assertThat(control.telemetry().rejections()).isEmpty();
        }
        await().atMost(LONG).until(() -> control.telemetry().closed().equals(List.of("sidecar-1")));
    }

    /** The lengths of periods are the sidecar's own, as it says them. */
    @Test
    void a_mesh_at_rest_is_asked_for_fewer_reports_and_for_more_from_the_first_call_on() {
        publish();
        try (EnvoyProcess envoy = TestSidecar.start(directory, "sidecar-1", profile, control.port())) {
            await().atMost(LONG).until(envoy::isReady);
            await().atMost(LONG).until(() -> loads("chat|b").count() > 3 && newestMillis() < 500);
            control.skip(Duration.ofMinutes(1));
            await().atMost(LONG).until(() -> newestMillis() > 900);
            CompletableFuture<HttpResponse<String>> held = send("/hold");
            await().atMost(LONG).until(() -> newest("chat|b").inFlight() == 1 && newestMillis() < 500);
            assertThat(loads("chat|b").mapToLong(ClusterLoad::issued).sum())
                    .as("a change of pace loses no count")
                    .isEqualTo(1);
            control.skip(Duration.ofMinutes(1));
            int before = control.telemetry().loads().size();
            await().atMost(LONG).until(() -> control.telemetry().loads().size() > before + 3);
            assertThat(newestMillis()).as("what is in flight is no rest").isLessThan(500);
            provider.release();
            held.join();
        }
    }

    private long newestMillis() {
        return newest("chat|b").intervalNanos() / 1_000_000;
    }

    @Test
    void a_restarted_control_plane_hears_the_gauge_again() {
        publish();
        try (EnvoyProcess envoy = TestSidecar.start(directory, "sidecar-1", profile, control.port())) {
            await().atMost(LONG).until(envoy::isReady);
            CompletableFuture<HttpResponse<String>> held = send("/hold");
            await().atMost(LONG).until(() -> loads("chat|b").anyMatch(load -> load.inFlight() == 1));
            int port = control.port();
            control.close();
            control = new TestControlPlane(port);
            await().atMost(LONG).until(() -> loads("chat|b").anyMatch(load -> load.inFlight() == 1));
            provider.release();
            held.join();
        }
    }

    @Test
    void two_sidecars_with_one_id_are_told_apart_and_it_is_said_once(@TempDir Path second) {
        SidecarProfile.Consumer other =
                new SidecarProfile.Consumer("127.0.0.1", EnvoyProcess.freePort(), "weir-access.log");
        publish();
        publish(other);
        try (EnvoyProcess one = TestSidecar.start(directory, "sidecar-1", profile, control.port());
                EnvoyProcess two = TestSidecar.start(second, "sidecar-1", other, control.port())) {
            await().atMost(LONG).until(() -> one.isReady() && two.isReady());
            await().atMost(LONG).until(() -> places().equals(Set.of(0, 1)));
            List<CompletableFuture<HttpResponse<String>>> held = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                held.add(send(i < 3 ? profile : other, "/hold"));
            }
            await().atMost(LONG).until(() -> newest("chat|b", 0) + newest("chat|b", 1) == 5);
            int before = control.telemetry().loads().size();
            await().atMost(LONG).until(() -> control.telemetry().loads().size() > before + 6);
            assertThat(List.of(newest("chat|b", 0), newest("chat|b", 1))).containsExactlyInAnyOrder(3L, 2L);
            provider.release();
            held.forEach(CompletableFuture::join);
            assertThat(control.telemetry().rejections())
                    .singleElement()
                    .asString()
                    .contains("node_id");
        }
    }

    private Set<Integer> places() {
        Set<Integer> places = new TreeSet<>();
        control.telemetry().loads().forEach(report -> places.add(report.instance()));
        return places;
    }

    private long newest(String cluster, int instance) {
        return control.telemetry().loads().stream()
                .filter(report -> report.instance() == instance)
                .reduce((earlier, later) -> later)
                .stream()
                .flatMap(report -> report.clusters().stream())
                .filter(load -> load.cluster().equals(cluster))
                .mapToLong(ClusterLoad::inFlight)
                .sum();
    }

    private void publish() {
        publish(profile);
    }

    private void publish(SidecarProfile.Consumer profile) {
        control.delivery()
                .publish(
                        profile,
                        TestResources.set(
                                profile,
                                "1.1",
                                List.of(
                                        new Member("a", 0, 1, provider.port()),
                                        new Member("b", 1_000_000, 1, provider.port()))));
    }

    private CompletableFuture<HttpResponse<String>> send(String path) {
        return send(profile, path);
    }

    private static CompletableFuture<HttpResponse<String>> send(SidecarProfile.Consumer profile, String path) {
        return HttpClient.newHttpClient()
                .sendAsync(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + profile.listenPort() + path))
                                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private Stream<ClusterLoad> loads(String cluster) {
        return control.telemetry().loads().stream()
                .flatMap(report -> report.clusters().stream())
                .filter(load -> load.cluster().equals(cluster));
    }

    private ClusterLoad newest(String cluster) {
        return loads(cluster).reduce((a, b) -> b).orElseThrow();
    }
}
