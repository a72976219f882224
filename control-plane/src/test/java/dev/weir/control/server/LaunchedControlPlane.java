package dev.weir.control.server;

import dev.weir.xds.testing.EnvoyProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** {@code ./weir run} as operators start it, with the launcher's own options for the JVM. */
final class LaunchedControlPlane implements AutoCloseable {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path JAR = Path.of("target", "weir.jar").toAbsolutePath();

    private final Path directory;
    private final int port = EnvoyProcess.freePort();
    private final int adminPort = EnvoyProcess.freePort();
    private final Process process;

    /** Starts, and returns when both ports are open. */
    LaunchedControlPlane(Path directory, int sidecars) throws IOException {
        this(directory, sidecars, 4_096);
    }

    /** @param descriptors that the process may have */
    LaunchedControlPlane(Path directory, int sidecars, int descriptors) throws IOException {
        this(directory, sidecars, descriptors, 1, "");
    }

    /**
     * @param providerPort of provider {@code a} of pool {@code chat}
     * @param fields of the pool, after a comma
     */
    LaunchedControlPlane(Path directory, int sidecars, int descriptors, int providerPort, String fields)
            throws IOException {
        this.directory = directory;
        Files.createDirectories(directory.resolve("config"));
        Files.writeString(directory.resolve("config/mesh.yaml"), """
                apiVersion: weir.dev/v1alpha1
                kind: Mesh
                metadata: {name: test}
                spec: {xds: {listen: '127.0.0.1:%d'}, admin: {listen: '127.0.0.1:%d'}}
                ---
                apiVersion: weir.dev/v1alpha1
                kind: Provider
                metadata: {name: a}
                spec: {endpoint: {host: 127.0.0.1, port: %d}, capacity: {workUnitsPerSecond: 100, slots: 10}}
                ---
                apiVersion: weir.dev/v1alpha1
                kind: ProviderPool
                metadata: {name: chat}
                spec: {match: {model: m}, providers: [{provider: a}]%s}
                """.formatted(port, adminPort, providerPort, fields));
        ProcessBuilder builder = new ProcessBuilder(
                        "sh",
                        "-c",
                        "ulimit -n " + descriptors + " && exec \"$0\" run --config \"$1\"",
                        ROOT.resolve("weir").toString(),
                        directory.resolve("config").toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("run.out").toFile());
        builder.environment().put("WEIR_JAR", JAR.toString());
        builder.environment().put("WEIR_SIDECARS", String.valueOf(sidecars));
        process = builder.start();
        Awaitility.await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() -> {
            try (Socket mesh = new Socket("127.0.0.1", port);
                    Socket people = new Socket("127.0.0.1", adminPort)) {
                return mesh.isConnected() && people.isConnected();
            }
        });
    }

    int port() {
        return port;
    }

    int adminPort() {
        return adminPort;
    }

    long pid() {
        return process.pid();
    }

    boolean lives() {
        return process.isAlive();
    }

    Path config() {
        return directory.resolve("config");
    }

    Path database() {
        return directory.resolve("config/weir.db");
    }

    String output() throws IOException {
        return Files.readString(directory.resolve("run.out"));
    }

    /** What of its heap is in use after a full collection. */
    long liveHeapKibibytes() {
        jcmd("GC.run");
        Matcher used = Pattern.compile("used (\\d+)K").matcher(jcmd("GC.heap_info"));
        long sum = 0;
        while (used.find()) {
            sum += Long.parseLong(used.group(1)); // generations, and a little that is no heap
        }
        return sum;
    }

    private String jcmd(String command) {
        try {
            Process jcmd = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                    .toString(),
                            Long.toString(process.pid()),
                            command)
                    .redirectErrorStream(true)
                    .start();
            return new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Most memory that it ever had, MiB. */
    long peakMebibytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().orTimeout(20, TimeUnit.SECONDS).join();
    }
}
