package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.config.ConfigFeed;
import dev.weir.control.config.DirectorySource;
import dev.weir.control.store.Database;
import dev.weir.control.store.SqliteDatabase;
import dev.weir.control.testbed.SidecarBootstrap;
import dev.weir.control.testbed.provider.DemoProvider;
import dev.weir.control.testbed.provider.ProviderSpec;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.testing.EnvoyProcess;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A control plane that comes back while name service does not, real sidecars under load. */
final class NamesIT {
    private static final Logger log = LoggerFactory.getLogger(NamesIT.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = loops.next();
    private final int xdsPort = EnvoyProcess.freePort();
    private final int adminPort = EnvoyProcess.freePort();
    private final int port = EnvoyProcess.freePort();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<AutoCloseable> parts = new ArrayList<>();

    private final Set<String> zone = ConcurrentHashMap.newKeySet();
    private volatile Silence silence = Silence.REFUSED;

    private volatile CountDownLatch disk = new CountDownLatch(0);
    private volatile boolean waitsForDisk;

    private volatile boolean loaded = true;
    private final AtomicInteger served = new AtomicInteger();
    private final Queue<String> failed = new ConcurrentLinkedQueue<>();

    /** What becomes of a question that name service does not answer. */
    private enum Silence {
        REFUSED(0),
        SERVER_FAILURE(300),
        NO_ANSWER(5_000);

        private final long millis;

        Silence(long millis) {
            this.millis = millis;
        }
    }

    @AfterEach
    void end() throws Exception {
        loaded = false;
        for (int i = parts.size() - 1; i >= 0; i--) {
            parts.get(i).close();
        }
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private InetAddress[] lookup(String host) throws UnknownHostException {
        if (zone.contains(host)) {
            return new InetAddress[] {InetAddress.getByName("127.0.0.1")};
        }
        try {
            Thread.sleep(silence.millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new UnknownHostException(host);
    }

    private DemoProvider provider(String name) {
        DemoProvider provider = DemoProvider.start(
                new ProviderSpec(name, "chat", 8, 5_000_000L),
                0,
                loop,
                System::nanoTime,
                InstantSource.system(),
                new SplittableRandom(1));
        parts.add(provider);
        return provider;
    }

    private String mesh(String... members) {
        String list = "{model: chat, provider: " + String.join("}, {model: chat, provider: ", members) + "}";
        return """
                apiVersion: weir.dev/v1alpha1
                kind: Mesh
                metadata: {name: test}
                spec: {xds: {listen: '127.0.0.1:%d'}, admin: {listen: '127.0.0.1:%d'}, capacity: {source: file}}
                ---
                apiVersion: weir.dev/v1alpha1
                kind: ProviderPool
                metadata: {name: split}
                spec: {match: {model: split}, providers: [%s]}
                ---
                apiVersion: weir.dev/v1alpha1
                kind: ProviderPool
                metadata: {name: picked}
                spec: {match: {model: picked}, providers: [%s], admission: governed, queue: pool, onUnavailable: open}
                """.formatted(xdsPort, adminPort, list, list);
    }

    private static String at(String name, String host, int port) {
        return """
                ---
                apiVersion: weir.dev/v1alpha1
                kind: Provider
                metadata: {name: %s}
                spec: {endpoint: {host: %s, port: %d}, capacity: {workUnitsPerSecond: 1000, slots: 8}}
                """.formatted(name, host, port);
    }

    private void configure(String objects) throws IOException {
        Path config = Files.createDirectories(directory.resolve("config"));
        Path next = directory.resolve("next.yaml");
        Files.writeString(next, objects);
        Files.move(
                next,
                config.resolve("mesh.yaml"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING,
                java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    private Optional<String> secret(String name) {
        waitsForDisk = true;
        try {
            disk.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Optional.of("secret");
    }

    private ControlPlane controlPlane() throws IOException {
        ConfigFeed feed = new ConfigFeed(new DirectorySource(directory.resolve("config"), this::secret));
        ControlPlane plane = new ControlPlane(feed, Outside.real().withNames(this::lookup));
        parts.add(plane);
        return plane;
    }

    private void end(ControlPlane plane) {
        parts.remove(plane);
        plane.close();
    }

    private String admin(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + path))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    private int call(String model) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
                .header("content-type", "application/json")
                .timeout(Duration.ofSeconds(20))
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"))
                .build();
        HttpResponse<String> reply = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (reply.statusCode() != 200) {
            failed.add(reply.statusCode() + " " + reply.body());
        }
        served.incrementAndGet();
        return reply.statusCode();
    }

    private void load(String model) {
        Thread thread = new Thread(() -> {
            while (loaded) {
                try {
                    call(model);
                    Thread.sleep(10);
                } catch (Exception e) {
                    failed.add(e.toString());
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private EnvoyProcess sidecar() throws IOException {
        EnvoyProcess sidecar = EnvoyProcess.start(
                Files.createDirectories(directory.resolve("sidecar")),
                SidecarBootstrap.consumer()
                        .withNode("consumer")
                        .withProfile(new SidecarProfile.Consumer("127.0.0.1", port, "access.log"))
                        .withControlPlane("127.0.0.1", xdsPort)
                        .text(),
                "-l",
                "warning");
        parts.add(sidecar);
        return sidecar;
    }

    /** Until the sidecar is connected and has what there is, then {@code millis} more. */
    private void settle(long millis) throws Exception {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> admin("/v1/sidecars").contains("\"consumer\""));
        Thread.sleep(millis);
        log.info("{} calls, {} failed", served, failed.size());
        assertThat(failed).isEmpty();
    }

    @Test
    void a_restart_without_name_service_fails_no_call() throws Exception {
        DemoProvider a = provider("a");
        DemoProvider b = provider("b");
        DemoProvider elsewhere = provider("b");
        zone.addAll(Set.of("a.test", "b.test"));
        configure(mesh("a", "b") + at("a", "a.test", a.port()) + at("b", "b.test", b.port()));
        ControlPlane first = controlPlane();
        sidecar();
        await().atMost(PATIENCE).ignoreExceptions().until(() -> call("split") == 200 && call("picked") == 200);
        failed.clear();
        load("split");
        load("picked");
        settle(500);

        zone.clear();
        end(first);
        ControlPlane refused = controlPlane();
        settle(2_500);

        silence = Silence.NO_ANSWER;
        end(refused);
        ControlPlane unanswered = controlPlane();
        settle(1_000);
        // one more that was never found, and one that moves to where nobody finds it
        configure(mesh("a", "b", "c")
                + at("a", "a.test", a.port())
                + at("b", "moved.test", elsewhere.port())
                + at("c", "c.test", 9));
        settle(7_500); // past the hold for load reports

        zone.add("moved.test");
        silence = Silence.SERVER_FAILURE;
        elsewhere.takeAttempts();
        await().atMost(PATIENCE).until(() -> !elsewhere.takeAttempts().isEmpty());
        settle(500);

        // as after an upgrade from a version that stored none: the sidecar alone knows where they are
        zone.clear();
        end(unanswered);
        try (Database database = SqliteDatabase.open(directory.resolve("config/weir.db"))) {
            int rows = database.write(handle -> handle.execute("DELETE FROM address"));
            assertThat(rows).isEqualTo(2);
        }
        a.takeAttempts();
        controlPlane();
        settle(5_500);
        assertThat(a.takeAttempts()).isNotEmpty();
        assertThat(elsewhere.takeAttempts()).isNotEmpty();
    }

    @Test
    void a_configuration_that_takes_long_to_read_stops_no_queue() throws Exception {
        DemoProvider a = provider("a");
        zone.add("a.test");
        String one = mesh("a").replace("queue: pool", "queue: {requests: 50, time: 1s}")
                + at("a", "a.test", a.port()).replace("slots: 8", "slots: 1");
        configure(one);
        controlPlane();
        sidecar();
        await().atMost(PATIENCE).ignoreExceptions().until(() -> call("picked") == 200);

        disk = new CountDownLatch(1);
        try {
            configure(one.replace("slots: 1", "slots: 1}, credentials: {valueFrom: {env: KEY}"));
            await().atMost(PATIENCE).until(() -> waitsForDisk);
            a.setSpeed(0);
            for (int i = 0; i < 6; i++) {
                load("picked"); // more than it has slots
            }
            await().atMost(PATIENCE).until(() -> failed.stream().anyMatch(each -> each.startsWith("429 ")));
        } finally {
            a.setSpeed(1);
            disk.countDown();
        }
    }

    @Test
    void fifty_dead_names_delay_nothing() throws Exception {
        DemoProvider a = provider("a");
        zone.add("a.test");
        silence = Silence.NO_ANSWER;
        StringBuilder objects = new StringBuilder(mesh("a")).append(at("a", "a.test", a.port()));
        for (int i = 0; i < 50; i++) {
            objects.append(at("dead-" + i, "dead-" + i + ".test", 9));
        }
        configure(objects.toString());

        long start = System.nanoTime();
        controlPlane();
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> admin("/readyz").equals("ok\n"));
        long millis = (System.nanoTime() - start) / 1_000_000;
        log.info("ready after {} ms", millis);
        assertThat(millis).as("in turn they would take 1 000 s").isLessThan(10_000);
        sidecar();
        await().atMost(PATIENCE).ignoreExceptions().until(() -> call("split") == 200 && call("picked") == 200);
    }
}
