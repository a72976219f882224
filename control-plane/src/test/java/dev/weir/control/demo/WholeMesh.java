package dev.weir.control.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weir.control.certs.MeshCertificates;
import dev.weir.control.history.HistoryChecker;
import dev.weir.control.history.HistoryChecker.Books;
import dev.weir.control.history.HistoryChecker.Violation;
import dev.weir.control.history.RunHistory;
import dev.weir.control.ledger.BookReader;
import dev.weir.control.model.Work;
import dev.weir.control.store.Database;
import dev.weir.control.store.SqliteDatabase;
import dev.weir.control.testbed.ChainPlace;
import dev.weir.control.testbed.Fleet;
import dev.weir.control.testbed.SidecarBootstrap;
import dev.weir.control.testbed.load.CallPlans;
import dev.weir.control.testbed.load.CallResult;
import dev.weir.control.testbed.load.LoadGenerator;
import dev.weir.control.testbed.load.LoadRun;
import dev.weir.control.testbed.load.LoadShares;
import dev.weir.control.testbed.load.PlannedCall;
import dev.weir.control.testbed.load.SeenHeaders;
import dev.weir.control.testbed.provider.AttemptSeen;
import dev.weir.control.testbed.provider.DemoProvider;
import dev.weir.control.testbed.provider.ProviderSpec;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.testing.EnvoyProcess;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/**
 * A whole mesh for tests: the demo's five providers, {@code weir run} and two {@code weir collect} as processes of the real
 * jar, two real Envoys, open-loop load. Capacities come from the configuration unless a chain is given.
 */
final class WholeMesh implements AutoCloseable {
    private static final Path JAR = Path.of("target", "weir.jar").toAbsolutePath();
    private static final String GATEWAY = "egress-1";
    private static final List<String> NODES = List.of("consumer-1", "consumer-2");
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Path directory;
    private final MeshCertificates certificates;
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final EventLoop providersLoop = loops.next();
    private final EventLoop callersLoop = loops.next();
    private final List<DemoProvider> providers = new ArrayList<>();
    private final Map<String, List<AttemptSeen>> attempts = new HashMap<>();
    private final List<EnvoyProcess> sidecars = new ArrayList<>();
    private final List<EnvoyProcess> sides = new ArrayList<>();
    private final List<Process> collectors = new ArrayList<>();
    private final List<InetSocketAddress> listeners = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private final int xdsPort = EnvoyProcess.freePort();
    private final int adminPort = EnvoyProcess.freePort();
    private Process controlPlane;
    private LoadGenerator generator;
    private Books books = new Books(List.of(), Set.of());

    /** Starts everything and waits until both sidecars carry calls. */
    WholeMesh(Path directory, Optional<ChainPlace> chain) throws IOException {
        this(directory, chain, "", OptionalInt.empty());
    }

    /** As above, with an egress gateway before all providers, and attempts given up after a second. */
    static WholeMesh withGateway(Path directory) throws IOException {
        return new WholeMesh(
                directory, Optional.empty(), "  perTryTimeout: 1s\n", OptionalInt.of(EnvoyProcess.freePort()));
    }

    /**
     * @param pool further lines of the pool's spec
     * @param side where the egress gateway before all providers listens; empty = there is none
     */
    private WholeMesh(Path directory, Optional<ChainPlace> chain, String pool, OptionalInt side) throws IOException {
        if (!Files.exists(JAR)) {
            throw new IllegalStateException(JAR + ": missing (expected: the application; mvn package makes it)");
        }
        this.directory = directory;
        for (var spec : Fleet.PROVIDERS) {
            providers.add(DemoProvider.start(
                    spec, 0, providersLoop, System::nanoTime, InstantSource.system(), new SplittableRandom(1)));
        }
        certificates = new MeshCertificates(directory.resolve("certs"), "test", Instant.now(), Duration.ofDays(1));
        configure(chain, pool, side);
        controlPlane = startControlPlane();
        for (String node : NODES) {
            Path own = Files.createDirectories(directory.resolve(node));
            int port = EnvoyProcess.freePort();
            SidecarProfile.Consumer profile = new SidecarProfile.Consumer(
                    "127.0.0.1", port, own.resolve("access.log").toString());
            EnvoyProcess envoy = EnvoyProcess.start(
                    own,
                    SidecarBootstrap.consumer()
                            .withNode(node)
                            .withProfile(profile)
                            .withControlPlane("127.0.0.1", xdsPort, certificates.consumer(node))
                            .text(),
                    "-l",
                    "warning");
            sidecars.add(envoy);
            listeners.add(new InetSocketAddress("127.0.0.1", port));
            collectors.add(weir(
                    "collect-" + node,
                    "collect",
                    "--sidecar",
                    node,
                    "--log",
                    profile.accessLogPath(),
                    "--control-plane",
                    "127.0.0.1:" + xdsPort,
                    "--tls",
                    certificates.folder(node).toString()));
        }
        if (side.isPresent()) {
            sides.add(gateway(side.getAsInt()));
        }
        Awaitility.await()
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> listeners.stream()
                        .allMatch(to -> get("http://127.0.0.1:" + to.getPort() + "/v1/models")
                                .contains(Fleet.MODEL)));
        generator = new LoadGenerator(callersLoop, listeners, Fleet.MODEL, System::nanoTime);
    }

    private void configure(Optional<ChainPlace> chain, String pool, OptionalInt side) throws IOException {
        ChainPlace none = new ChainPlace(
                URI.create("http://127.0.0.1:1"),
                1,
                "0x" + "0".repeat(40),
                Collections.nCopies(providers.size(), "0x" + "1".repeat(40)));
        Path config = directory.resolve("config");
        MeshFiles.write(
                config,
                "water-filling",
                xdsPort,
                adminPort,
                side.isPresent() ? DemoOptions.Mode.BOUNCE : DemoOptions.Mode.SPLIT,
                side.orElse(0),
                certificates.sideIdentity(GATEWAY),
                certificates.controlPlane(List.of(), List.of()),
                chain.orElse(none),
                providers);
        Path pools = config.resolve("pools.yaml");
        Files.writeString(pools, Files.readString(pools) + pool);
        if (chain.isEmpty()) {
            Path mesh = config.resolve("mesh.yaml");
            String text = Files.readString(mesh);
            Files.writeString(mesh, text.substring(0, text.indexOf("  capacity:")) + "  capacity: {source: file}\n");
            String declared = providers.stream()
                    .map(provider -> """
                            apiVersion: weir.dev/v1alpha1
                            kind: Provider
                            metadata: {name: %s}
                            spec:
                              endpoint: {host: 127.0.0.1, port: %d}
                              capacity: {workUnitsPerSecond: %s, slots: %d}
                            """.formatted(
                                            provider.spec().name(),
                                            provider.port(),
                                            provider.spec().capacity(),
                                            provider.spec().slots())
                            + (side.isPresent()
                                    ? "  sidecar: {host: 127.0.0.1, port: " + side.getAsInt() + ", identity: '"
                                            + certificates.sideIdentity(GATEWAY) + "'}\n"
                                    : ""))
                    .collect(Collectors.joining("---\n"));
            Files.writeString(config.resolve("providers.yaml"), declared);
        }
    }

    private EnvoyProcess gateway(int port) throws IOException {
        List<String> names = Fleet.PROVIDERS.stream().map(ProviderSpec::name).toList();
        EnvoyProcess gateway = EnvoyProcess.start(
                Files.createDirectories(directory.resolve(GATEWAY)),
                SidecarBootstrap.egress()
                        .withNode(GATEWAY)
                        .withProfile(new SidecarProfile.Provider("127.0.0.1", port, names))
                        .withControlPlane("127.0.0.1", xdsPort, certificates.side(GATEWAY))
                        .text(),
                "-l",
                "warning");
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> gateway.admin("/listeners").contains(":" + port));
        return gateway;
    }

    /** The limit that the gateway was last told for a cluster, -1 = none. */
    long told(String cluster) {
        try {
            return new JsonMapper()
                    .readTree(sides.get(0).admin("/runtime"))
                    .path("entries")
                    .path("circuit_breakers." + cluster + ".default.max_requests")
                    .path("final_value")
                    .asLong(-1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGTERM, and its end. */
    /** How often the gateway was told limits. */
    long tellings() {
        return sides.get(0).stat("runtime.load_success");
    }

    void endControlPlane() throws InterruptedException {
        end(controlPlane);
    }

    /** Attempts of any number that a provider saw between two times from {@code startNanos}. */
    long attempts(String provider, long startNanos, long from, long to) {
        take();
        return attempts.getOrDefault(provider, List.of()).stream()
                .mapToLong(attempt -> attempt.atNanos() - startNanos)
                .filter(at -> at >= from && at < to)
                .count();
    }

    /** A plan of calls at {@code load} of the fleet's capacity. */
    static List<PlannedCall> plan(double load, Duration length) {
        return CallPlans.poisson(1, load * Fleet.capacity(), length.toNanos());
    }

    LoadRun play(List<PlannedCall> plan) {
        return generator.start(plan, System.nanoTime());
    }

    DemoProvider provider(String name) {
        return providers.stream()
                .filter(provider -> provider.spec().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    List<EnvoyProcess> sidecars() {
        return sidecars;
    }

    /** SIGKILL. */
    void killControlPlane() throws InterruptedException {
        controlPlane.destroyForcibly().waitFor();
    }

    void restartControlPlane() throws IOException {
        controlPlane = startControlPlane();
    }

    /** An admin path's answer. */
    JsonNode admin(String path) throws IOException {
        return new JsonMapper().readTree(get("http://127.0.0.1:" + adminPort + path));
    }

    /** First attempts per provider, times counted from {@code startNanos}. */
    LoadShares shares(long startNanos) {
        take();
        Map<String, List<Long>> first = new HashMap<>();
        attempts.forEach((name, seen) -> first.put(
                name,
                seen.stream()
                        .filter(attempt -> attempt.attempt() == 1)
                        .map(attempt -> attempt.atNanos() - startNanos)
                        .toList()));
        return new LoadShares(first);
    }

    private void take() {
        for (DemoProvider provider : providers) {
            attempts.computeIfAbsent(provider.spec().name(), name -> new ArrayList<>())
                    .addAll(provider.takeAttempts());
        }
    }

    /** Ends the load's processes in order and compares what was written down with what providers and callers saw. */
    List<Violation> check(List<CallResult> results) throws IOException, InterruptedException {
        take();
        for (Process collector : collectors) {
            end(collector);
        }
        end(controlPlane);
        try (Database database = SqliteDatabase.open(directory.resolve("config").resolve("weir.db"))) {
            books = BookReader.read(database);
        }
        return new HistoryChecker(pool -> new Work.PerRequest(), Map.of()).check(history(results), books);
    }

    private RunHistory history(List<CallResult> results) {
        RunHistory history = new RunHistory();
        for (CallResult result : results) {
            SeenHeaders headers = result.headers();
            if (result.status() == 0) {
                history.unanswered();
            } else {
                history.call(new RunHistory.Call(
                        headers.requestId(),
                        result.status(),
                        result.answered(),
                        result.tokens(),
                        headers.provider(),
                        headers.price(),
                        headers.epoch()));
            }
        }
        attempts.forEach((provider, seen) -> seen.forEach(attempt -> history.served(new RunHistory.Served(
                provider, attempt.requestId(), attempt.attempt(), attempt.atNanos(), attempt.atNanos()))));
        return history;
    }

    /** Attempts that sides refused, by the books that were checked last. */
    long bounced() {
        return books.rows().stream()
                .filter(row -> row.record().outcome().bounced())
                .count();
    }

    /** Returns when {@code run} is so many seconds old. */
    static void waitUntil(LoadRun run, double seconds) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(20))
                .atMost(Duration.ofMinutes(3))
                .until(() -> System.nanoTime() - run.startNanos() >= (long) (seconds * 1e9));
    }

    /** What a process of the mesh printed. */
    String output(String name) throws IOException {
        return Files.readString(directory.resolve(name + ".out"));
    }

    private Process startControlPlane() throws IOException {
        return weir("run", "run", "--config", directory.resolve("config").toString());
    }

    private Process weir(String name, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms12m",
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-jar",
                JAR.toString()));
        command.addAll(List.of(words));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve(name + ".out").toFile()))
                .start();
    }

    private String get(String url) {
        try {
            return http.send(
                            HttpRequest.newBuilder(URI.create(url))
                                    .timeout(Duration.ofSeconds(5))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void end(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new IllegalStateException("a process did not end on SIGTERM within 20 s");
        }
    }

    @Override
    public void close() {
        if (generator != null) {
            generator.close();
        }
        collectors.forEach(Process::destroyForcibly);
        sidecars.forEach(EnvoyProcess::close);
        sides.forEach(EnvoyProcess::close);
        if (controlPlane != null) {
            controlPlane.destroyForcibly();
        }
        providers.forEach(DemoProvider::close);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
