package dev.weir.bench.check;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weir.control.cli.Main;
import dev.weir.control.testbed.AwaitChildren;
import dev.weir.control.testbed.Children;
import dev.weir.control.testbed.Ports;
import dev.weir.control.testbed.SidecarBootstrap;
import dev.weir.control.testbed.provider.DemoProvider;
import dev.weir.control.testbed.provider.ProviderSpec;
import dev.weir.xds.delivery.SidecarProfile;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * One sidecar before two providers: pools {@code plain} and {@code checked} have the same fast one, {@code held} one that
 * answers nothing until it is told to.
 */
final class CheckMesh implements AutoCloseable {
    private static final Duration READY = Duration.ofSeconds(60);

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Path folder;
    private final Children children;
    private final Ports ports;
    private final DemoProvider fast;
    private final DemoProvider slow;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int port;
    private final int envoyAdmin;

    CheckMesh(Path folder, Path envoy) throws IOException {
        this.folder = folder;
        children = new Children(folder);
        ports = new Ports(folder.resolve("ports.lock"));
        fast = provider("fast", 64, 1_000_000);
        slow = provider("slow", 1, 1_000_000_000);
        port = ports.any();
        envoyAdmin = ports.any();
        int xds = ports.any();
        Path config = Files.createDirectories(folder.resolve("config"));
        Files.writeString(config.resolve("mesh.yaml"), yaml(xds, ports.any()));
        children.start("control-plane", config, command(config));
        Path home = Files.createDirectories(folder.resolve("sidecar"));
        Path bootstrap = home.resolve("bootstrap.yaml");
        SidecarBootstrap.consumer()
                .withNode("check-bench")
                .withProfile(new SidecarProfile.Consumer(
                        "127.0.0.1", port, home.resolve("access.log").toString()))
                .withAdmin("127.0.0.1", envoyAdmin)
                .withControlPlane("127.0.0.1", xds)
                .write(bootstrap);
        children.startEnvoy("sidecar", home, envoy, bootstrap);
        for (String pool : List.of("plain", "checked")) {
            until(pool + " to be served", () -> status(pool) == 200);
        }
    }

    private DemoProvider provider(String name, int slots, long nanos) {
        return DemoProvider.start(
                new ProviderSpec(name, name, slots, nanos),
                0,
                loops.next(),
                System::nanoTime,
                InstantSource.system(),
                new SplittableRandom(1));
    }

    private String yaml(int xds, int admin) {
        String mesh = """
                apiVersion: weir.dev/v1alpha1
                kind: Mesh
                metadata: {name: bench}
                spec:
                  xds: {listen: '127.0.0.1:%d'}
                  admin: {listen: '127.0.0.1:%d'}
                  capacity: {source: file}
                """.formatted(xds, admin);
        return mesh
                + provider(fast, 64, 64_000)
                + provider(slow, 1, 1)
                + pool("plain", "fast", "")
                + pool("checked", "fast", ", admission: governed, queue: provider")
                + pool("held", "slow", ", admission: governed, queue: {requests: 100000, time: 4m}");
    }

    private static String provider(DemoProvider provider, int slots, int capacity) {
        return """
                ---
                apiVersion: weir.dev/v1alpha1
                kind: Provider
                metadata: {name: %s}
                spec:
                  endpoint: {host: 127.0.0.1, port: %d}
                  capacity: {workUnitsPerSecond: %d, slots: %d}
                """.formatted(provider.spec().name(), provider.port(), capacity, slots);
    }

    private static String pool(String name, String provider, String more) {
        return """
                ---
                apiVersion: weir.dev/v1alpha1
                kind: ProviderPool
                metadata: {name: %s}
                spec: {match: {header: {name: x-pool, value: %s}}, providers: [{provider: %s}]%s}
                """.formatted(name, name, provider, more);
    }

    private static List<String> command(Path config) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                Path.of(System.getProperty("java.class.path")).toAbsolutePath().toString(),
                Main.class.getName(),
                "run",
                "--config",
                config.toString());
    }

    HttpClient http() {
        return http;
    }

    HttpRequest request(String pool) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
                .header("content-type", "application/json")
                .header("x-pool", pool)
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"" + (pool.equals("held") ? "slow" : "fast")
                        + "\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"))
                .build();
    }

    private int status(String pool) {
        try {
            return http.send(request(pool), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException e) {
            return 0; // not up yet
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** How fast the provider of pool {@code held} works; 0 = not at all. */
    void speed(double speed) {
        slow.setSpeed(speed);
    }

    /** Bytes that the sidecar has allocated. */
    long sidecarBytes() {
        return Long.parseLong(admin("/memory").path("allocated").asText());
    }

    /** Checks under way, as the sidecar counts them. */
    long checksUnderWay() {
        long sum = 0;
        for (String line :
                text("/stats?filter=cluster.check.upstream_rq_active$").split("\n", -1)) {
            int colon = line.lastIndexOf(": ");
            sum += colon < 0 ? 0 : Long.parseLong(line.substring(colon + 2).trim());
        }
        return sum;
    }

    private com.fasterxml.jackson.databind.JsonNode admin(String path) {
        try {
            return new JsonMapper().readTree(text(path));
        } catch (IOException e) {
            throw new IllegalStateException("sidecar's admin port: " + path, e);
        }
    }

    private String text(String path) {
        try {
            return http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + envoyAdmin + path))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new IllegalStateException("sidecar's admin port: " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Asks until a condition holds; throws after {@link #READY}. */
    void until(String what, BooleanSupplier question) {
        new AwaitChildren(children).untilTrue(what, READY, question);
    }

    List<DemoProvider> providers() {
        List<DemoProvider> both = new ArrayList<>();
        both.add(fast);
        both.add(slow);
        return both;
    }

    @Override
    public void close() {
        children.close();
        providers().forEach(DemoProvider::close);
        loops.shutdownGracefully().awaitUninterruptibly();
        ports.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
