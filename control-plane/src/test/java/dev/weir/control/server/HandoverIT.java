package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A control plane that answers late, through a real sidecar: the pool goes over to its split, and back. */
final class HandoverIT {
    private static final long PATIENCE_NANOS = Duration.ofMinutes(3).toNanos();
    private static final long PAUSE_MILLIS = 50;
    private static final String OVER = "weir_pool_handed_over";

    @TempDir
    Path directory;

    private final List<SlowLine> lines = new ArrayList<>();

    @AfterEach
    void cut() throws IOException {
        for (SlowLine line : lines) {
            line.close();
        }
    }

    private GovernedMesh mesh(String fields, int serviceMillis) throws IOException {
        return new GovernedMesh(directory, fields, new int[] {48, 48}, serviceMillis, 1, port -> {
            lines.add(new SlowLine(port));
            return lines.get(0).port();
        });
    }

    /** Calls at a steady pace, all of which must succeed, until the pool is handed over, or is not. */
    private static void callUntil(GovernedMesh mesh, boolean over) throws Exception {
        long end = System.nanoTime() + PATIENCE_NANOS;
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        while ((mesh.metric(OVER) == 1) != over) {
            assertThat(System.nanoTime() - end).as("handed over: " + over).isNegative();
            call(mesh, 20, calls);
        }
        ok(calls);
    }

    private static void call(GovernedMesh mesh, int count, List<CompletableFuture<HttpResponse<String>>> calls)
            throws InterruptedException {
        for (int i = 0; i < count; i++) {
            calls.add(mesh.call(0));
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
    }

    private static void ok(List<CompletableFuture<HttpResponse<String>>> calls) throws Exception {
        for (CompletableFuture<HttpResponse<String>> call : calls) {
            HttpResponse<String> reply = call.get(60, TimeUnit.SECONDS);
            assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
        }
    }

    /** Checks that {@code count} calls make. */
    private static double checks(GovernedMesh mesh, int count) throws Exception {
        TimeUnit.SECONDS.sleep(2); // routes are on their way
        double before = mesh.metric("weir_checks_total");
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        call(mesh, count, calls);
        ok(calls);
        return mesh.metric("weir_checks_total") - before;
    }

    /** Services of two seconds: an answer is worth 100 ms, and half of that must be met even by a machine with other work. */
    @Test
    void answers_that_come_late_hand_the_pool_over_until_they_are_in_time() throws Exception {
        try (GovernedMesh mesh = mesh("queue: pool, onUnavailable: open", 2_000)) {
            lines.get(0).setDelayMillis(150);
            callUntil(mesh, true);
            assertThat(mesh.json("/v1/providers").path("handedOver").toString()).isEqualTo("[\"chat\"]");
            // one in 32 still asks: 3 on average, and never as many as a third
            assertThat(checks(mesh, 96)).isLessThan(32);
            assertThat(mesh.held()).as("nobody waits in the control plane").isZero();

            lines.get(0).setDelayMillis(0);
            callUntil(mesh, false);
            assertThat(checks(mesh, 64)).as("every call asks").isGreaterThanOrEqualTo(64);
        }
    }

    /** Below a second of service an answer is worth less than the time after which a sidecar gives up. */
    @Test
    @EnabledIfSystemProperty(named = "weir.full", matches = "true")
    void answers_that_nobody_waits_for_any_more_do_so_too() throws Exception {
        try (GovernedMesh mesh = mesh("queue: provider, onUnavailable: open", 800)) {
            lines.get(0).setDelayMillis(60);
            callUntil(mesh, true);
            assertThat(checks(mesh, 96)).isLessThan(32);
        }
    }

    @Test
    void a_pool_that_must_not_go_unchecked_never_goes_over() throws Exception {
        try (GovernedMesh mesh = mesh("queue: pool, onUnavailable: closed", 100)) {
            lines.get(0).setDelayMillis(60);
            List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                call(mesh, 20, calls);
                assertThat(mesh.metric(OVER)).isZero();
            }
            ok(calls);
            assertThat(mesh.metric("weir_check_answer_seconds")).isGreaterThan(0.1);
        }
    }
}
