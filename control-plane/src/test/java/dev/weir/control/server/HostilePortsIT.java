package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.history.RunHistory;
import dev.weir.control.testbed.SidecarBootstrap;
import dev.weir.control.testing.RecordingAgent;
import dev.weir.control.testing.RecordingProvider;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.testing.EnvoyProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Strangers at every port of a control plane as its launcher starts it, and at a sidecar's: it goes on, honest agents are
 * served, honest sidecars get what is new, and no memory is gone. {@code -Dweir.hostile=SECONDS} makes it longer,
 * {@code -Dweir.seed=S} draws what an earlier run drew.
 */
final class HostilePortsIT {
    private static final int SECONDS = Integer.getInteger("weir.hostile", Boolean.getBoolean("weir.full") ? 600 : 12);
    private static final long SEED = Long.getLong("weir.seed", System.nanoTime());
    private static final long MAX_MILLIS = 2_500;
    private static final int AT_ONCE = 2;
    private static final int ROUNDS_UNTIL_NEWS = 10;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** How long an honest sidecar may wait for a change of the configuration, which is looked at each half second. */
    private static final Duration NEWS = Duration.ofSeconds(10);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private final Random random = new Random(SEED);
    private final Deque<Attack> deck = new ArrayDeque<>();
    private final Map<Hostility, Integer> done = new EnumMap<>(Hostility.class);
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private record Attack(Hostility what, String where, int port) {}

    private interface News {
        void number(int number) throws IOException;
    }

    @Test
    void whatever_strangers_send_the_honest_are_served() throws Exception {
        System.out.println("HostilePortsIT: -Dweir.hostile=" + SECONDS + " -Dweir.seed=" + SEED);
        RunHistory history = new RunHistory();
        int sidecarPort = EnvoyProcess.freePort();
        try (RecordingProvider provider = new RecordingProvider("a", 5_000_000, history);
                LaunchedControlPlane control = new LaunchedControlPlane(
                        directory,
                        100,
                        4_096,
                        provider.port(),
                        ", admission: governed, queue: pool, onUnavailable: closed");
                EnvoyProcess sidecar = EnvoyProcess.start(
                        Files.createDirectory(directory.resolve("sidecar")),
                        SidecarBootstrap.consumer()
                                .withNode("consumer-1")
                                .withProfile(new SidecarProfile.Consumer("127.0.0.1", sidecarPort, "access.log"))
                                .withControlPlane("127.0.0.1", control.port())
                                .text(),
                        "-l",
                        "warning")) {
            await().atMost(PATIENCE).until(() -> models(sidecarPort).contains("\"m\""));
            try (RecordingAgent agent = new RecordingAgent(sidecarPort, "m", 20_000_000, history)) {
                await().atMost(PATIENCE).until(() -> agent.lastGoodNanos() > 0);
                long failuresBefore = agent.failures();
                long heapBefore = control.liveHeapKibibytes();
                Map<String, Integer> places =
                        Map.of("control plane", control.port(), "admin", control.adminPort(), "sidecar", sidecarPort);
                attack(new TreeMap<>(places), number -> news(control, sidecar, sidecarPort, "news-" + number));
                assertThat(control.lives()).as(control.output()).isTrue();
                assertThat(sidecar.isAlive()).as(sidecar.log()).isTrue();
                String what = "seed " + SEED + ": " + done;
                assertThat(agent.failures() - failuresBefore)
                        .as("%s: failed calls of %d: %s", what, history.calls().size(), statuses(history))
                        .isZero();
                news(control, sidecar, sidecarPort, "last");
                await(what + ": memory")
                        .atMost(PATIENCE)
                        .untilAsserted(
                                () -> assertThat(control.liveHeapKibibytes()).isLessThan(heapBefore + (24 << 10)));
                long begin = System.nanoTime();
                await().atMost(PATIENCE).until(() -> agent.lastGoodNanos() > begin);
                System.out.println(
                        "HostilePortsIT: " + done + ", " + history.calls().size() + " honest calls, heap "
                                + heapBefore + " -> " + control.liveHeapKibibytes() + " KiB, at most "
                                + control.peakMebibytes() + " MiB resident");
                assertThat(control.output().lines().filter(line -> line.startsWith("\tat ")))
                        .as("traces")
                        .isEmpty();
                assertThat(control.output().lines()).hasSizeLessThan(200 + 20 * SECONDS);
            }
        }
    }

    private static List<String> statuses(RunHistory history) {
        return history.calls().stream()
                .filter(call -> call.status() != 200)
                .map(RunHistory.Call::toString)
                .limit(5)
                .toList();
    }

    /** Strangers at the ports of {@code places}, several at once, for as long as it takes; news reach the sidecar meanwhile. */
    private void attack(Map<String, Integer> places, News news) throws Exception {
        ExecutorService strangers = Executors.newFixedThreadPool(AT_ONCE);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        for (int round = 1; System.nanoTime() < end; round++) {
            List<Future<?>> underWay = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                if (deck.isEmpty()) {
                    shuffle(places);
                }
                Attack attack = deck.removeFirst();
                long seed = random.nextLong();
                done.merge(attack.what, 1, Integer::sum);
                underWay.add(strangers.submit(() -> harm(attack, new Random(seed))));
            }
            if (round % ROUNDS_UNTIL_NEWS == 0) {
                news.number(round);
            }
            for (Future<?> each : underWay) {
                each.get();
            }
        }
        strangers.shutdown();
    }

    private void shuffle(Map<String, Integer> places) {
        List<Attack> all = new ArrayList<>();
        for (Hostility what : Hostility.values()) {
            places.forEach((where, port) -> all.add(new Attack(what, where, port)));
        }
        Collections.shuffle(all, random);
        deck.addAll(all);
    }

    /** For a while: who is not thrown out goes. */
    private static void harm(Attack attack, Random random) {
        ExecutorService clock = Executors.newSingleThreadExecutor();
        try (HostilePeer peer = new HostilePeer(attack.port)) {
            Future<?> harm = clock.submit(() -> {
                attack.what.harm(peer, random);
                return null;
            });
            try {
                harm.get(MAX_MILLIS, TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof IOException)) {
                    throw new IllegalStateException(attack.toString(), e);
                }
                // thrown out
            } catch (TimeoutException e) {
                // not heard any more
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts a stranger", e);
            }
        } finally {
            clock.shutdown();
        }
    }

    /** A new pool reaches the sidecar. */
    private void news(LaunchedControlPlane control, EnvoyProcess sidecar, int sidecarPort, String name)
            throws IOException {
        Files.writeString(control.config().resolve("news.yaml"), """
                apiVersion: weir.dev/v1alpha1
                kind: ProviderPool
                metadata: {name: %s}
                spec: {match: {model: %s}, providers: [{provider: a}]}
                """.formatted(name, name));
        try {
            await(name).atMost(NEWS).until(() -> models(sidecarPort).contains('"' + name + '"'));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(
                    "%s after %s; control plane: %s%nsidecars: %s%nsidecar: %s"
                            .formatted(
                                    name,
                                    done,
                                    end(control.output()),
                                    get(control.adminPort(), "/v1/sidecars"),
                                    end(sidecar.log())),
                    e);
        }
    }

    private static String end(String log) {
        return log.substring(Math.max(0, log.length() - 8_000));
    }

    private String models(int port) {
        return get(port, "/v1/models");
    }

    private String get(int port, String path) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a test", e);
        }
    }
}
