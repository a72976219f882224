package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.history.HistoryChecker;
import dev.weir.control.history.HistoryChecker.Books;
import dev.weir.control.history.HistoryChecker.Violation;
import dev.weir.control.history.RunHistory;
import dev.weir.control.ledger.BookReader;
import dev.weir.control.model.Work;
import dev.weir.control.store.Database;
import dev.weir.control.store.SqliteDatabase;
import dev.weir.control.testbed.SidecarBootstrap;
import dev.weir.control.testing.RecordingAgent;
import dev.weir.control.testing.RecordingProvider;
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
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A mesh in which things go wrong: a control plane and a collector as processes, a real sidecar, agents and providers that
 * write down what they see. Pool {@code chat} is governed and closed, of one provider with slots; pool {@code free} goes on
 * without a control plane.
 */
final class FaultMesh implements AutoCloseable {
    static final int SLOTS = 4;
    private static final String NODE = "consumer-1";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final RunHistory history = new RunHistory();
    private final Path directory;
    private final Path log;
    private final String main;
    private final List<String> prefix;
    private final int xdsPort = EnvoyProcess.freePort();
    private final int adminPort = EnvoyProcess.freePort();
    private final int sidecarPort = EnvoyProcess.freePort();
    private final List<RecordingProvider> providers = new ArrayList<>();
    private final List<RecordingAgent> agents = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private final EnvoyProcess sidecar;
    private final SlowLine sidecarLine = new SlowLine(xdsPort);
    private final SlowLine collectorLine = new SlowLine(xdsPort);
    private Process controlPlane;
    private Process collector;
    private final String collectorMain;

    /**
     * @param store of the mesh, in YAML's flow style; its paths as the control plane sees them
     * @param main of the control plane, followed by its arguments
     * @param prefix that the control plane's command begins with
     * @param collectorMain of the collector, followed by the arguments of {@code weir collect}
     * @param serviceNanos that providers take for a call
     */
    FaultMesh(Path directory, String store, String main, List<String> prefix, String collectorMain, long serviceNanos)
            throws IOException {
        this.directory = directory;
        this.main = main;
        this.prefix = prefix;
        this.collectorMain = collectorMain;
        Path own = Files.createDirectories(directory.resolve("sidecar"));
        this.log = own.resolve("access.log");
        for (String name : List.of("a", "b", "c")) {
            providers.add(new RecordingProvider(name, serviceNanos, history));
        }
        Path config = Files.createDirectories(directory.resolve("config"));
        Files.writeString(config.resolve("mesh.yaml"), """
                apiVersion: weir.dev/v1alpha1
                kind: Mesh
                metadata: {name: test}
                spec: {xds: {listen: '127.0.0.1:%d'}, admin: {listen: '127.0.0.1:%d'}, store: %s}
                ---
                apiVersion: weir.dev/v1alpha1
                kind: ProviderPool
                metadata: {name: chat}
                spec: {match: {model: chat}, providers: [{provider: a}], admission: governed, queue: pool, onUnavailable: closed}
                ---
                apiVersion: weir.dev/v1alpha1
                kind: ProviderPool
                metadata: {name: free}
                spec: {match: {model: free}, providers: [{provider: b}, {provider: c}]}
                """.formatted(xdsPort, adminPort, store));
        for (RecordingProvider provider : providers) {
            Files.writeString(config.resolve(provider.name() + ".yaml"), """
                    apiVersion: weir.dev/v1alpha1
                    kind: Provider
                    metadata: {name: %s}
                    spec: {endpoint: {host: 127.0.0.1, port: %d}, capacity: {workUnitsPerSecond: %d, slots: %d}}
                    """.formatted(
                            provider.name(), provider.port(), SLOTS * 1_000_000_000L / serviceNanos, SLOTS));
        }
        startControlPlane();
        sidecar = EnvoyProcess.start(
                own,
                SidecarBootstrap.consumer()
                        .withNode(NODE)
                        .withProfile(new SidecarProfile.Consumer("127.0.0.1", sidecarPort, log.toString()))
                        .withControlPlane("127.0.0.1", sidecarLine.port())
                        .text(),
                "-l",
                "warning");
        startCollector();
    }

    /** So many agents for the pools, which call until {@link #settle}. Returns once all had an answer. */
    void agents(int chat, int free, long pauseNanos) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> get(sidecarPort, "/v1/models").contains("chat"));
        for (int i = 0; i < chat; i++) {
            agents.add(new RecordingAgent(sidecarPort, "chat", pauseNanos, history));
        }
        for (int i = 0; i < free; i++) {
            agents.add(new RecordingAgent(sidecarPort, "free", pauseNanos, history));
        }
        awaitGoodSince(System.nanoTime());
    }

    /** Until each agent had a 2xx after that moment. */
    void awaitGoodSince(long nanos) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> agents.stream().allMatch(agent -> agent.lastGoodNanos() > nanos));
    }

    /** Ends the agents, waits until all that they had is stored, and says what is not right then. */
    List<Violation> settle(Path database, Map<String, Integer> limits) throws IOException, InterruptedException {
        agents.forEach(RecordingAgent::close);
        agents.clear();
        HistoryChecker checker = new HistoryChecker(pool -> new Work.PerRequest(), limits);
        List<Violation> last = List.of();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            Thread.sleep(1_000);
            last = checker.check(history, books(database));
            if (last.isEmpty()) {
                return last;
            }
        }
        return last;
    }

    /** What is stored now, read from a copy: SQLite would look for a disk's file by its name outside that disk. */
    Books books(Path database) throws IOException {
        Path copy = Files.createTempDirectory(directory, "copy");
        for (String suffix : List.of("", "-wal")) {
            Path file = database.resolveSibling(database.getFileName() + suffix);
            if (Files.exists(file)) {
                Files.copy(file, copy.resolve("weir.db" + suffix));
            }
        }
        try (Database stored = SqliteDatabase.open(copy.resolve("weir.db"))) {
            return BookReader.read(stored);
        }
    }

    void startControlPlane() throws IOException {
        controlPlane =
                java("control-plane", prefix, main, directory.resolve("config").toString());
    }

    void startCollector() throws IOException {
        collector = java(
                "collector",
                List.of(),
                collectorMain,
                "--sidecar",
                NODE,
                "--log",
                log.toString(),
                "--control-plane",
                "127.0.0.1:" + collectorLine.port(),
                "--max-bytes",
                "65536",
                "--envoy-admin",
                "127.0.0.1:" + (sidecar == null ? 1 : sidecar.adminPort()));
    }

    int xdsPort() {
        return xdsPort;
    }

    int adminPort() {
        return adminPort;
    }

    /** Between the sidecar and the control plane: discovery, checks, load reports, access logs. */
    SlowLine sidecarLine() {
        return sidecarLine;
    }

    /** Between the collector and the control plane. */
    SlowLine collectorLine() {
        return collectorLine;
    }

    /** Calls of a model that had no 2xx. */
    long failures(String model) {
        return agents.stream()
                .filter(agent -> agent.model().equals(model))
                .mapToLong(RecordingAgent::failures)
                .sum();
    }

    Process controlPlane() {
        return controlPlane;
    }

    Process collector() {
        return collector;
    }

    void killControlPlane() throws InterruptedException {
        controlPlane.destroyForcibly().waitFor();
    }

    /** SIGTERM, and its end. */
    void endControlPlane() throws InterruptedException {
        controlPlane.destroy();
        assertThat(controlPlane.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }

    /** A metric without labels; NaN while it cannot be had. */
    double metric(String name) {
        try {
            return get(adminPort, "/metrics")
                    .lines()
                    .filter(line -> line.startsWith(name + " "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                    .findFirst()
                    .orElse(Double.NaN);
        } catch (IOException e) {
            return Double.NaN;
        }
    }

    String output(String name) throws IOException {
        return Files.readString(directory.resolve(name + ".out"));
    }

    private String get(int port, String path) throws IOException {
        try {
            return http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                    .timeout(Duration.ofSeconds(5))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a test", e);
        }
    }

    private Process java(String name, List<String> before, String what, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(List.of(what.split(" ")));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve(name + ".out").toFile()))
                .start();
    }

    @Override
    public void close() {
        agents.forEach(RecordingAgent::close);
        collector.destroyForcibly();
        controlPlane.destroyForcibly();
        sidecar.close();
        providers.forEach(RecordingProvider::close);
        try {
            sidecarLine.close();
            collectorLine.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
