package dev.weir.control.server;

import static java.util.Objects.requireNonNull;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weir.control.testbed.SidecarBootstrap;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.testing.EnvoyProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A control plane in a process of its own, with the configuration in {@code config/}, and real sidecars. */
class RunningMesh implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final JsonMapper JSON = new JsonMapper();

    private final Path directory;
    private final List<EnvoyProcess> sidecars = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int xdsPort = EnvoyProcess.freePort();
    private final int adminPort = EnvoyProcess.freePort();
    private final List<String> jvm;
    private @Nullable Process controlPlane;

    /** @param jvm options of the control plane's JVM */
    RunningMesh(Path directory, String... jvm) {
        this.directory = directory;
        this.jvm = List.of(jvm);
    }

    /** An object named {@code name} with this spec, in YAML's flow style. */
    static String object(String kind, String name, String spec) {
        return "---\napiVersion: weir.dev/v1alpha1\nkind: " + kind + "\nmetadata: {name: " + name + "}\nspec: {" + spec
                + "}\n";
    }

    /** The provider of this name at a port of the loopback; {@code more} begins with a comma, or is empty. */
    static String provider(String name, int port, String more) {
        return object("Provider", name, "endpoint: {host: 127.0.0.1, port: " + port + "}" + more);
    }

    /**
     * Starts all processes and waits until each sidecar serves.
     *
     * @param objects providers and pools
     * @param line port by which sidecars reach the control plane at a port
     */
    void start(String objects, int sidecarCount, IntUnaryOperator line) throws IOException {
        start(objects, sidecarCount, line, bootstrap -> bootstrap);
    }

    /** @param change of sidecars' bootstraps */
    void start(String objects, int sidecarCount, IntUnaryOperator line, UnaryOperator<String> change)
            throws IOException {
        Files.createDirectories(directory.resolve("config"));
        write(
                "mesh.yaml",
                object(
                                "Mesh",
                                "test",
                                "xds: {listen: '127.0.0.1:%d'}, admin: {listen: '127.0.0.1:%d'}, capacity: {source: file}"
                                        .formatted(xdsPort, adminPort))
                        + objects);
        startControlPlane();
        int served = line.applyAsInt(xdsPort);
        for (int i = 0; i < sidecarCount; i++) {
            int port = EnvoyProcess.freePort();
            sidecars.add(EnvoyProcess.start(
                    Files.createDirectories(directory.resolve("sidecar-" + i)),
                    change.apply(SidecarBootstrap.consumer()
                            .withNode("consumer-" + i)
                            .withProfile(new SidecarProfile.Consumer("127.0.0.1", port, "access.log"))
                            .withControlPlane("127.0.0.1", served)
                            .text()),
                    "-l",
                    "warning"));
            ports.add(port);
        }
        for (int port : ports) {
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> get(port, "/v1/models")
                            .headers()
                            .firstValue("weir-epoch")
                            .isPresent());
        }
    }

    /** Writes a file of the configuration, which a running control plane reads. */
    void write(String file, String objects) throws IOException {
        Files.writeString(directory.resolve("config").resolve(file), objects);
    }

    void startControlPlane() throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(jvm.isEmpty() ? List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1") : jvm);
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                "dev.weir.control.cli.Main",
                "run",
                "--config",
                directory.resolve("config").toString()));
        controlPlane = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
        await().atMost(PATIENCE).ignoreExceptions().until(() -> !metrics().isEmpty());
    }

    Process controlPlane() {
        return requireNonNull(controlPlane, "not started");
    }

    /** What the control plane says. */
    Path log() {
        return directory.resolve("control-plane.log");
    }

    Path database() {
        return directory.resolve("config/weir.db");
    }

    void killControlPlane() throws InterruptedException {
        controlPlane().destroyForcibly().waitFor();
    }

    /** STOP or CONT. */
    void signalControlPlane(String signal) throws IOException, InterruptedException {
        int exit = new ProcessBuilder(
                        "kill", "-" + signal, Long.toString(controlPlane().pid()))
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IOException("kill -" + signal + ": " + exit);
        }
    }

    int xdsPort() {
        return xdsPort;
    }

    EnvoyProcess sidecar(int i) {
        return sidecars.get(i);
    }

    /** A completion of {@code model} at a sidecar. */
    CompletableFuture<HttpResponse<String>> ask(int sidecar, String model, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + ports.get(sidecar) + "/v1/chat/completions"))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"));
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
        return get(adminPort, path).body();
    }

    private HttpResponse<String> get(int port, String path) {
        try {
            return http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .timeout(Duration.ofSeconds(5))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        sidecars.forEach(EnvoyProcess::close);
        if (controlPlane != null) {
            controlPlane.destroyForcibly();
        }
    }
}
