package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AttemptProgress;
import dev.weir.xds.telemetry.ReportPace;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of a call that takes long, the control plane hears whether its answer flows. */
final class ProgressIT {
    @Test
    void an_answer_that_flows_is_told_from_one_that_stands(@TempDir Path directory) {
        Pool flowing = Meshes.pool("flows", new Match.Model("flows"), "p");
        Pool standing = Meshes.pool("stands", new Match.Model("stands"), "p");
        try (TestMesh mesh = new TestMesh();
                RawProvider provider = new RawProvider(ProgressIT::answer);
                Sidecar sidecar = Sidecar.start(directory, "progress", mesh.port())) {
            Config config = Meshes.config(
                    Policy.WATER_FILLING, List.of(Meshes.provider("p", provider.port())), flowing, standing);
            mesh.apply(
                    config,
                    Meshes.decision(1, Meshes.decided(flowing, 1_000_000), Meshes.decided(standing, 1_000_000)),
                    sidecar);
            HttpClient http = HttpClient.newHttpClient();
            for (String model : List.of("flows", "stands")) {
                HttpRequest request = sidecar.request("/v1/chat/completions")
                        .setHeader("content-type", "application/json")
                        .POST(BodyPublishers.ofString("{\"model\":\"" + model + "\",\"stream\":true}"))
                        .build();
                var unused = http.sendAsync(request, BodyHandlers.discarding());
            }
            await().atMost(Duration.ofSeconds(40)).untilAsserted(() -> {
                assertThat(mesh.telemetry().rejections()).isEmpty();
                assertThat(bytes(mesh, "flows")).hasSizeGreaterThan(1);
                assertThat(bytes(mesh, "stands")).hasSizeGreaterThan(1);
            });

            List<Long> flowed = bytes(mesh, "flows");
            assertThat(flowed.get(0)).isPositive();
            assertThat(flowed.get(1)).isGreaterThan(flowed.get(0));
            assertThat(bytes(mesh, "stands")).containsOnly(6L);
            assertThat(mesh.telemetry().records())
                    .as("neither has ended")
                    .noneMatch(record -> record.identity().kind() == AccessRecord.Kind.ATTEMPT);
        }
    }

    /** Load reports are rare while a mesh rests, and a record comes at a call's end. */
    @Test
    void the_first_call_after_a_while_is_told_of_as_it_begins(@TempDir Path directory) {
        Pool pool = Meshes.pool("stands", new Match.Model("stands"), "p");
        try (TestMesh mesh = new TestMesh();
                RawProvider provider = new RawProvider(ProgressIT::answer);
                Sidecar sidecar = Sidecar.start(directory, "progress", mesh.port())) {
            mesh.apply(
                    Meshes.config(Policy.WATER_FILLING, List.of(Meshes.provider("p", provider.port())), pool),
                    Meshes.decision(1, Meshes.decided(pool, 1_000_000)),
                    sidecar);
            quiet(Duration.ofMillis(1_500)); // the sidecar answered whether it serves just now
            mesh.skip(Duration.ofMinutes(1));
            assertThat(mesh.pace().interval()).isEqualTo(ReportPace.AT_REST);
            HttpRequest request = sidecar.request("/v1/chat/completions")
                    .setHeader("content-type", "application/json")
                    .POST(BodyPublishers.ofString("{\"model\":\"stands\",\"stream\":true}"))
                    .build();
            var unused = HttpClient.newHttpClient().sendAsync(request, BodyHandlers.discarding());
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> mesh.pace().interval().compareTo(ReportPace.AT_REST) < 0);
            assertThat(mesh.telemetry().progress())
                    .as("not by what is told every few seconds")
                    .isEmpty();
            assertThat(mesh.telemetry().rejections()).isEmpty();
        }
    }

    private static void quiet(Duration time) {
        await().pollDelay(time).atMost(time.multipliedBy(2)).until(() -> true);
    }

    private static void answer(RawProvider.Seen request, RawProvider.Wire wire)
            throws IOException, InterruptedException {
        wire.head(200, "content-type", "text/event-stream", "transfer-encoding", "chunked");
        wire.chunk(": hi\n\n");
        boolean flows = request.text().contains("flows");
        for (int i = 0; i < 200 && (!flows || !wire.left(Duration.ofMillis(200))); i++) {
            if (flows) {
                wire.chunk("data: {}\n\n");
            } else {
                wire.pause(Duration.ofMillis(200));
            }
        }
    }

    private static List<Long> bytes(TestMesh mesh, String pool) {
        return mesh.telemetry().progress().stream()
                .filter(each -> each.pool().equals(pool) && each.provider().equals("p"))
                .map(AttemptProgress::bytes)
                .toList();
    }
}
