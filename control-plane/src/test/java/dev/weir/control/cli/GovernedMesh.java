package dev.weir.control.cli;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weir.control.demo.provider.DemoProvider;
import dev.weir.control.demo.provider.ProviderSpec;
import dev.weir.control.publish.SidecarBootstrap;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.testing.EnvoyProcess;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A control plane in a process of its own, providers with slots and queues, and real sidecars. */
final class GovernedMesh implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path directory;
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = loops.next();
    private final List<DemoProvider> providers = new ArrayList<>();
    private final List<EnvoyProcess> sidecars = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int xdsPort = EnvoyProcess.freePort();
    private final int adminPort = EnvoyProcess.freePort();
    private Process controlPlane;

    /**
     * @param fields of the pool {@code chat}, in YAML's flow style
     * @param slots of each provider; they are named a, b, ...
     * @param serviceMillis mean service time
     */
    GovernedMesh(Path directory, String fields, int[] slots, int serviceMillis, int sidecarCount) throws IOException {
        this(directory, fields, slots, serviceMillis, sidecarCount, IntUnaryOperator.identity());
    }

    /** @param line port by which sidecars reach the control plane at a port */
    GovernedMesh(Path directory, String fields, int[] slots, int serviceMillis, int sidecarCount, IntUnaryOperator line)
            throws IOException {
        this.directory = directory;
        StringBuilder objects = new StringBuilder("""
                apiVersion: weir.dev/v1alpha1
                kind: Mesh
                metadata: {name: test}
                spec: {xds: {listen: '127.0.0.1:%d'}, admin: {listen: '127.0.0.1:%d'}, capacity: {source: file}}
                """.formatted(xdsPort, adminPort));
        List<String> members = new ArrayList<>();
        for (int i = 0; i < slots.length; i++) {
            String name = String.valueOf((char) ('a' + i));
            DemoProvider provider = DemoProvider.start(
                    new ProviderSpec(name, "chat", slots[i], serviceMillis * 1_000_000L),
                    0,
                    loop,
                    System::nanoTime,
                    InstantSource.system(),
                    new SplittableRandom(i));
            providers.add(provider);
            members.add("{provider: " + name + "}");
            objects.append("""
                    ---
                    apiVersion: weir.dev/v1alpha1
                    kind: Provider
                    metadata: {name: %s}
                    spec:
                      endpoint: {host: 127.0.0.1, port: %d}
                      capacity: {workUnitsPerSecond: %s, slots: %d}
                    """.formatted(name, provider.port(), provider.spec().capacity(), slots[i]));
        }
        objects.append("""
                ---
                apiVersion: weir.dev/v1alpha1
                kind: ProviderPool
                metadata: {name: chat}
                spec: {match: {model: chat}, providers: %s, admission: governed, %s}
                """.formatted(members, fields));
        Files.createDirectories(directory.resolve("config"));
        Files.writeString(directory.resolve("config/mesh.yaml"), objects);
        startControlPlane();
        int served = line.applyAsInt(xdsPort);
        for (int i = 0; i < sidecarCount; i++) {
            Path own = Files.createDirectories(directory.resolve("sidecar-" + i));
            int port = EnvoyProcess.freePort();
            sidecars.add(EnvoyProcess.start(
                    own,
                    SidecarBootstrap.consumer()
                            .withNode("consumer-" + i)
                            .withProfile(new SidecarProfile.Consumer("127.0.0.1", port, "access.log"))
                            .withControlPlane("127.0.0.1", served)
                            .text(),
                    "-l",
                    "warning"));
            ports.add(port);
        }
        for (int i = 0; i < sidecarCount; i++) {
            int at = i;
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> call(at).get(10, TimeUnit.SECONDS).statusCode() == 200);
        }
        await().atMost(PATIENCE).until(() -> grants() == 0);
    }

    void startControlPlane() throws IOException {
        controlPlane = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.weir.control.cli.Main",
                        "run",
                        "--config",
                        directory.resolve("config").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("control-plane.log").toFile()))
                .start();
        await().atMost(PATIENCE).ignoreExceptions().until(() -> !metrics().isEmpty());
    }

    void killControlPlane() throws InterruptedException {
        controlPlane.destroyForcibly().waitFor();
    }

    /** STOP or CONT. */
    void signalControlPlane(String signal) throws IOException, InterruptedException {
        int exit = new ProcessBuilder("kill", "-" + signal, Long.toString(controlPlane.pid()))
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IOException("kill -" + signal + ": " + exit);
        }
    }

    DemoProvider provider(int i) {
        return providers.get(i);
    }

    /** Attempts that a provider has seen since asked last. */
    int attempts(int i) {
        return providers.get(i).takeAttempts().size();
    }

    int xdsPort() {
        return xdsPort;
    }

    CompletableFuture<HttpResponse<String>> call(int sidecar, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + ports.get(sidecar) + "/v1/chat/completions"))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"model\":\"chat\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    String metrics() {
        return admin("/metrics");
    }

    int grants() {
        return (int) metric("weir_grants");
    }

    int held() {
        return (int) metric("weir_checks_held");
    }

    /** Sum over all of this name whose line has {@code parts}. */
    double metric(String name, String... parts) {
        double sum = 0;
        Matcher lines = Pattern.compile("(?m)^" + name + "(\\{[^}]*})? (\\S+)$").matcher(metrics());
        while (lines.find()) {
            String labels = lines.group(1) == null ? "" : lines.group(1);
            boolean all = true;
            for (String part : parts) {
                all &= labels.contains(part);
            }
            sum += all ? Double.parseDouble(lines.group(2)) : 0;
        }
        return sum;
    }

    JsonNode json(String path) {
        try {
            return JSON.readTree(admin(path));
        } catch (IOException e) {
            throw new IllegalStateException(path, e);
        }
    }

    String admin(String path) {
        try {
            return http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + path))
                                    .timeout(Duration.ofSeconds(5))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        sidecars.forEach(EnvoyProcess::close);
        controlPlane.destroyForcibly();
        providers.forEach(DemoProvider::close);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
