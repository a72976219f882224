package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.util.concurrent.ListenableFuture;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Picks through real sidecars and a control plane that can be killed and frozen. */
final class GovernedIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private static List<HttpResponse<String>> all(List<CompletableFuture<HttpResponse<String>>> calls)
            throws Exception {
        List<HttpResponse<String>> replies = new ArrayList<>();
        for (CompletableFuture<HttpResponse<String>> call : calls) {
            replies.add(call.get(60, TimeUnit.SECONDS));
        }
        return replies;
    }

    private static List<CompletableFuture<HttpResponse<String>>> calls(GovernedMesh mesh, int count, int sidecars) {
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            calls.add(mesh.call(i % sidecars));
        }
        return calls;
    }

    @Test
    void several_sidecars_share_one_picture_and_a_forged_pick_leads_nowhere() throws Exception {
        try (GovernedMesh mesh =
                new GovernedMesh(directory, "queue: pool, onUnavailable: closed", new int[] {2, 4}, 300, 3)) {
            // b has more free slots relative to its capacity; the list's first place is a's
            for (int i = 0; i < 4; i++) {
                HttpResponse<String> forged = mesh.call(0, "weir-pick", "0").get(30, TimeUnit.SECONDS);
                assertThat(forged.statusCode()).isEqualTo(200);
                assertThat(forged.headers().firstValue("weir-provider")).contains("b");
                await().atMost(LONG).until(() -> mesh.grants() == 0);
            }
            int before = mesh.attempts(0) + mesh.attempts(1);
            assertThat(before).isPositive();

            mesh.provider(0).setSpeed(0);
            mesh.provider(1).setSpeed(0);
            int[] seen = new int[2];
            List<CompletableFuture<HttpResponse<String>>> calls = calls(mesh, 6, 3);
            await().atMost(LONG).until(() -> {
                seen[0] += mesh.attempts(0);
                seen[1] += mesh.attempts(1);
                return seen[0] + seen[1] == 6;
            });
            assertThat(seen).as("as many as each has slots").containsExactly(2, 4);
            mesh.provider(0).setSpeed(1);
            mesh.provider(1).setSpeed(1);

            assertThat(all(calls)).allMatch(reply -> reply.statusCode() == 200);
            await().atMost(LONG).until(() -> mesh.grants() == 0);
            assertThat(mesh.metric("weir_checks_total", "outcome=\"picked\"")).isGreaterThanOrEqualTo(10);
            assertThat(mesh.metric("weir_grants_dropped_total")).isZero();
        }
    }

    @Test
    void held_checks_survive_a_control_plane_that_is_killed() throws Exception {
        try (GovernedMesh mesh =
                new GovernedMesh(directory, "queue: pool, onUnavailable: closed", new int[] {1, 1}, 500, 2)) {
            List<CompletableFuture<HttpResponse<String>>> calls = calls(mesh, 14, 2);
            await().atMost(LONG).until(() -> mesh.held() >= 8);

            mesh.killControlPlane();
            mesh.startControlPlane();

            assertThat(all(calls)).allMatch(reply -> reply.statusCode() == 200, "every call was answered");
            await().atMost(Duration.ofSeconds(6)).until(() -> mesh.grants() == 0 && mesh.held() == 0);
            all(calls(mesh, 6, 2));
            assertThat(mesh.metric("weir_checks_total", "outcome=\"picked\"")).isGreaterThanOrEqualTo(6);
        }
    }

    @Test
    void a_frozen_control_plane_is_found_and_open_falls_through() throws Exception {
        try (GovernedMesh mesh =
                new GovernedMesh(directory, "queue: pool, onUnavailable: open", new int[] {4, 4}, 20, 1)) {
            mesh.signalControlPlane("STOP");
            try {
                long start = System.nanoTime();
                HttpResponse<String> reply = mesh.call(0).get(30, TimeUnit.SECONDS);
                double seconds = (System.nanoTime() - start) / 1e9;
                assertThat(reply.statusCode()).isEqualTo(200);
                assertThat(seconds).as("found by two pings, a second each").isLessThan(6);
            } finally {
                mesh.signalControlPlane("CONT");
            }
            await().atMost(LONG)
                    .until(() -> mesh.call(0).get(30, TimeUnit.SECONDS).statusCode() == 200 && mesh.grants() == 0);
        }
    }

    @Test
    void a_retry_goes_to_the_second_choice_and_the_ledger_knows_what_the_pick_saw() throws Exception {
        try (GovernedMesh mesh =
                new GovernedMesh(directory, "queue: pool, onUnavailable: closed", new int[] {4, 4, 4, 4}, 20, 1)) {
            mesh.provider(0).close(); // the first of equals: picked until the loop has seen enough
            for (int i = 0; i < 12; i++) {
                HttpResponse<String> reply = mesh.call(0).get(30, TimeUnit.SECONDS);
                assertThat(reply.statusCode()).isEqualTo(200);
                String provider = reply.headers().firstValue("weir-provider").orElseThrow();
                boolean retried = reply.headers()
                        .firstValue("weir-attempts")
                        .orElseThrow()
                        .equals("2");
                String id = reply.headers().firstValue("x-request-id").orElseThrow();
                await().atMost(LONG).ignoreExceptions().untilAsserted(() -> {
                    JsonNode check = mesh.json("/v1/call?id=" + id).path("check");
                    assertThat(check.path("reservation").asText()).matches("\\d+-\\d+");
                    assertThat(check.path("price").asLong()).isPositive();
                    assertThat(check.path("heldMicros").asLong()).isZero();
                    String[] seen = check.path("pick").asText().split(", ", -1);
                    assertThat(seen).hasSize(4);
                    assertThat(seen[retried ? 1 : 0]).startsWith(provider + " ");
                });
            }
            await().atMost(LONG).until(() -> mesh.grants() == 0);
        }
    }

    @Test
    void ten_thousand_checks_of_somebody_else_end_in_clear_answers_and_leave_nothing() throws Exception {
        try (GovernedMesh mesh =
                new GovernedMesh(directory, "queue: {requests: 50, time: 1s}", new int[] {2, 2}, 50, 1)) {
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", mesh.xdsPort())
                    .usePlaintext()
                    .build();
            List<ListenableFuture<CheckResponse>> asked = new ArrayList<>();
            for (int i = 0; i < 10_000; i++) {
                asked.add(AuthorizationGrpc.newFutureStub(channel).check(check("stranger-" + i, "chat")));
            }
            asked.add(AuthorizationGrpc.newFutureStub(channel).check(check("stranger-x", "nowhere")));
            for (ListenableFuture<CheckResponse> each : asked) {
                CheckResponse answer = each.get(60, TimeUnit.SECONDS);
                assertThat(answer.hasOkResponse()
                                || List.of(429, 404)
                                        .contains(answer.getDeniedResponse()
                                                .getStatus()
                                                .getCodeValue()))
                        .isTrue();
            }
            channel.shutdownNow();

            await().atMost(LONG).until(() -> mesh.grants() == 0 && mesh.held() == 0);
            assertThat(mesh.metric("weir_grants_dropped_total")).isPositive();
            assertThat(mesh.metric("weir_checks_total", "outcome=\"unknown_pool\""))
                    .isEqualTo(1);
            assertThat(all(calls(mesh, 4, 1))).allMatch(reply -> reply.statusCode() == 200);
        }
    }

    private static CheckRequest check(String id, String pool) {
        AttributeContext.Builder attributes =
                AttributeContext.newBuilder().putContextExtensions("pool", pool).putContextExtensions("queue", "pool");
        attributes.getRequestBuilder().getHttpBuilder().putHeaders("x-request-id", id);
        return CheckRequest.newBuilder().setAttributes(attributes).build();
    }

    @Test
    void closed_refuses_clearly_while_nobody_answers() throws Exception {
        try (GovernedMesh mesh =
                new GovernedMesh(directory, "queue: provider, onUnavailable: closed", new int[] {4, 4}, 20, 1)) {
            mesh.killControlPlane();
            HttpResponse<String> reply = mesh.call(0).get(30, TimeUnit.SECONDS);
            assertThat(reply.statusCode()).isEqualTo(503);
            assertThat(reply.body()).contains("check_unavailable").contains("request_id");
            mesh.startControlPlane();
            await().atMost(LONG)
                    .until(() -> mesh.call(0).get(30, TimeUnit.SECONDS).statusCode() == 200);
        }
    }
}
