package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Agents that make one call after the other, through real sidecars, before providers that answer late or not at all. */
final class AgentsIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    /** Agents of two pools that call until told to stop; every call must succeed. */
    private static final class Agents implements AutoCloseable {
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final AtomicBoolean over = new AtomicBoolean();
        private final List<Future<Integer>> agents = new ArrayList<>();

        Agents(RunningMesh mesh, int each, String... models) {
            for (String model : models) {
                for (int i = 0; i < each; i++) {
                    int sidecar = i % 2;
                    agents.add(threads.submit(() -> calls(mesh, sidecar, model)));
                }
            }
        }

        private int calls(RunningMesh mesh, int sidecar, String model) throws Exception {
            int calls = 0;
            for (; !over.get(); calls++) {
                HttpResponse<String> reply = mesh.ask(sidecar, model).get(30, TimeUnit.SECONDS);
                assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
            }
            return calls;
        }

        int stop() throws Exception {
            over.set(true);
            int calls = 0;
            for (Future<Integer> agent : agents) {
                calls += agent.get(60, TimeUnit.SECONDS);
            }
            return calls;
        }

        @Override
        public void close() {
            over.set(true);
            threads.shutdownNow();
        }
    }

    /**
     * Twenty agents, answers of .8 s, 11 slots: half of the agents by a pool whose queue is in the control plane, half by the
     * split.
     *
     * @param declared of a provider's capacity that would be right
     */
    @ParameterizedTest
    @ValueSource(doubles = {10, 0})
    void no_healthy_provider_is_suspended_whatever_was_declared(double declared, @TempDir Path directory)
            throws Exception {
        int[] slots = {4, 7};
        try (GovernedMesh mesh = new GovernedMesh(
                        directory,
                        members -> RunningMesh.object(
                                        "ProviderPool",
                                        "chat",
                                        "match: {model: chat}, providers: " + members
                                                + ", admission: governed, queue: pool")
                                + RunningMesh.object(
                                        "ProviderPool",
                                        "split",
                                        "match: {model: split}, providers: " + members.replace("}", ", model: chat}")),
                        provider -> declared == 0
                                ? ""
                                : ", capacity: {workUnitsPerSecond: %s, slots: %d}"
                                        .formatted(declared * provider.capacity(), provider.slots()),
                        slots,
                        800,
                        2,
                        IntUnaryOperator.identity(),
                        bootstrap -> bootstrap);
                Agents agents = new Agents(mesh, 10, "chat", "split")) {
            mesh.attempts(0);
            mesh.attempts(1);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(8);
            while (System.nanoTime() < end) {
                assertThat(mesh.metric("weir_provider_status", "status=\"stalled\""))
                        .as(mesh.admin("/v1/providers"))
                        .isZero();
                TimeUnit.MILLISECONDS.sleep(100);
            }
            int calls = agents.stop();
            // as many as the slots do in most of the time: nothing stood idle for long
            assertThat(calls).isGreaterThan(70);
            double first = mesh.attempts(0);
            assertThat(first / (first + mesh.attempts(1))).isBetween(0.15, 0.6);
        }
    }

    /** A provider that answers one model and hangs at another: it is kept away from in the one pool alone, and comes back. */
    @Test
    void who_is_silent_to_one_governed_pool_serves_the_other(@TempDir Path directory) throws Exception {
        AtomicBoolean hangs = new AtomicBoolean();
        AtomicInteger hung = new AtomicInteger();
        AtomicInteger two = new AtomicInteger();
        HttpServer odd = provider(hangs, hung, two);
        HttpServer even = provider(new AtomicBoolean(), new AtomicInteger(), new AtomicInteger());
        String members = "providers: [{provider: odd}, {provider: even}], admission: governed, queue: provider,"
                + " perTryTimeout: 1s";
        String capacity = ", capacity: {workUnitsPerSecond: 80, slots: 8}";
        try (RunningMesh mesh = new RunningMesh(directory)) {
            mesh.start(
                    RunningMesh.provider("odd", odd.getAddress().getPort(), capacity)
                            + RunningMesh.provider("even", even.getAddress().getPort(), capacity)
                            + RunningMesh.object("ProviderPool", "one", "match: {model: one}, " + members)
                            + RunningMesh.object("ProviderPool", "two", "match: {model: two}, " + members),
                    2,
                    IntUnaryOperator.identity());
            try (Agents agents = new Agents(mesh, 4, "one", "two")) {
                await().atMost(LONG).until(() -> mesh.metric("weir_provider_completion_rate_requests_per_second") > 30);
                hangs.set(true);
                await().atMost(LONG)
                        .untilAsserted(
                                () -> assertThat(mesh.admin("/v1/providers")).contains("answers nothing of pool two"));
                await().atMost(LONG).until(() -> share(mesh, "two") < 0.05);
                assertThat(share(mesh, "one")).isGreaterThan(0.2);
                // one call at a time finds out whether that has changed
                int before = hung.get();
                TimeUnit.SECONDS.sleep(3);
                assertThat(hung.get() - before).isLessThanOrEqualTo(6);

                hangs.set(false);
                await().atMost(LONG).until(() -> !mesh.admin("/v1/providers").contains("of pool two"));
                int served = two.get();
                await().atMost(LONG).until(() -> two.get() >= served + 20);
                assertThat(agents.stop()).isPositive();
            }
        } finally {
            odd.stop(0);
            even.stop(0);
        }
    }

    private static double share(RunningMesh mesh, String pool) {
        return mesh.metric("weir_weight_ratio", "pool=\"" + pool + "\"", "provider=\"odd\"");
    }

    /**
     * Answers after 50 ms; while {@code hangs}, requests for model two are held until their caller has left.
     *
     * @param hung counts those
     * @param two counts those for model two that are answered
     */
    private static HttpServer provider(AtomicBoolean hangs, AtomicInteger hung, AtomicInteger two) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> {
            String asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            try {
                TimeUnit.MILLISECONDS.sleep(50);
                if (hangs.get() && asked.contains("two")) {
                    hung.incrementAndGet();
                    TimeUnit.SECONDS.sleep(5);
                } else if (asked.contains("two")) {
                    two.incrementAndGet();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }
}
