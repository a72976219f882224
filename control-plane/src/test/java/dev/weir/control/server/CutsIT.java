package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A provider of four slots that many wait for, while what the picker knows of it is cut off, or forgotten. */
final class CutsIT {
    private static final int SLOTS = 4;
    private static final int SIDECARS = 2;
    private static final int TEN_TIMES = 10 * SLOTS;

    @TempDir
    Path directory;

    private final List<SlowLine> lines = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (SlowLine line : lines) {
            line.close();
        }
    }

    private GovernedMesh mesh(String onUnavailable, int serviceMillis) throws IOException {
        return new GovernedMesh(
                directory,
                "queue: {requests: 500, time: 2m}, onUnavailable: " + onUnavailable,
                new int[] {SLOTS},
                serviceMillis,
                SIDECARS,
                port -> {
                    lines.add(new SlowLine(port));
                    lines.add(new SlowLine(port));
                    return port;
                },
                this::separated);
    }

    private SlowLine discovery() {
        return lines.get(0);
    }

    private SlowLine loadReports() {
        return lines.get(1);
    }

    /** Discovery and load reports go by connections of their own, which can be cut. */
    private String separated(String bootstrap) {
        try {
            JsonMapper json = new JsonMapper();
            JsonNode root = json.readTree(bootstrap);
            ArrayNode clusters = (ArrayNode) root.at("/static_resources/clusters");
            ObjectNode xds = null;
            for (JsonNode cluster : clusters) {
                xds = cluster.path("name").asText().equals("xds") ? (ObjectNode) cluster : xds;
            }
            if (xds == null) {
                throw new IllegalStateException("cluster xds: missing (expected: in the bootstrap)");
            }
            ObjectNode reports = xds.deepCopy().put("name", "reports");
            ((ObjectNode) reports.at("/load_assignment")).put("cluster_name", "reports");
            to(xds, discovery());
            to(reports, loadReports());
            clusters.add(reports);
            ((ObjectNode) root.at("/cluster_manager/load_stats_config/grpc_services/0/envoy_grpc"))
                    .put("cluster_name", "reports");
            return root.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void to(ObjectNode cluster, SlowLine line) {
        ((ObjectNode) cluster.at("/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address"))
                .put("port_value", line.port());
    }

    private static List<CompletableFuture<HttpResponse<String>>> calls(GovernedMesh mesh, int count) {
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            calls.add(mesh.call(i % SIDECARS));
        }
        return calls;
    }

    private static void allServed(List<CompletableFuture<HttpResponse<String>>> calls) throws Exception {
        for (CompletableFuture<HttpResponse<String>> call : calls) {
            HttpResponse<String> reply = call.get(120, TimeUnit.SECONDS);
            assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
        }
    }

    @Test
    void no_cut_lets_more_in_than_there_are_slots_and_no_restart_twice_as_many() throws Exception {
        try (GovernedMesh mesh = mesh("closed", 1_000)) {
            List<CompletableFuture<HttpResponse<String>>> calls = calls(mesh, 2 * TEN_TIMES + SLOTS);
            await().atMost(Duration.ofSeconds(30)).until(() -> mesh.held() >= 2 * TEN_TIMES - SLOTS);
            try (InFlight inFlight = new InFlight(mesh.provider(0))) {
                discovery().cut();
                TimeUnit.MILLISECONDS.sleep(2_500);
                loadReports().cut();
                TimeUnit.MILLISECONDS.sleep(6_500);
                discovery().cut();
                loadReports().cut();
                TimeUnit.MILLISECONDS.sleep(6_500);
                assertThat(inFlight.most()).as("through cuts").isBetween(SLOTS, SLOTS + 1);
                assertThat(mesh.metric("weir_grants_dropped_total")).isZero();

                mesh.killControlPlane();
                mesh.startControlPlane();
                allServed(calls);
                assertThat(inFlight.most()).as("through a restart").isLessThanOrEqualTo(2 * SLOTS);
            }
        }
    }

    @Test
    void what_is_held_when_the_control_plane_is_killed_does_not_go_all_at_once() throws Exception {
        try (GovernedMesh mesh = mesh("open", 500)) {
            List<CompletableFuture<HttpResponse<String>>> calls = calls(mesh, TEN_TIMES + SLOTS + 1);
            await().atMost(Duration.ofSeconds(30)).until(() -> mesh.held() >= TEN_TIMES - SLOTS);
            try (InFlight inFlight = new InFlight(mesh.provider(0))) {
                mesh.killControlPlane();
                TimeUnit.SECONDS.sleep(3);
                long start = System.nanoTime();
                assertThat(mesh.call(0).get(60, TimeUnit.SECONDS).statusCode())
                        .as("who comes later goes by the split at once")
                        .isEqualTo(200);
                assertThat(System.nanoTime() - start)
                        .isLessThan(Duration.ofSeconds(15).toNanos());
                mesh.startControlPlane();
                allServed(calls);
                assertThat(inFlight.most()).isBetween(SLOTS, 2 * SLOTS);
            }
        }
    }
}
