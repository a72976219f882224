package dev.weir.xds.testing;

import com.google.protobuf.Message;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A real Envoy, from the binary that the variable {@code WEIR_ENVOY} names. Its admin port is a free one and answers every
 * path, whatever the bootstrap says; a listener of port 0 gets a free one too, see {@link #listenerPort}.
 */
public final class EnvoyProcess implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(30);
    private static final String FREE_PORT = "admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}%s}";
    private static final String OPEN_ADMIN = FREE_PORT.formatted(", allow_paths: [{prefix: /}]");
    private static final String ADMIN_AS_WRITTEN = FREE_PORT.formatted("");

    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        // a test run that is stopped leaves none behind
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly)));
    }

    private final Process process;
    private final Path log;
    private final int adminPort;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private EnvoyProcess(Process process, Path log, int adminPort) {
        this.process = process;
        this.log = log;
        this.adminPort = adminPort;
    }

    /** Starts with a bootstrap as YAML or JSON, in {@code directory}, and waits for the admin port. */
    public static EnvoyProcess start(Path directory, String bootstrap, String... arguments) {
        Path file = write(directory, "bootstrap.yaml", bootstrap.getBytes(StandardCharsets.UTF_8));
        return start(directory, file, OPEN_ADMIN, arguments);
    }

    /** The same, but its admin port answers only the paths that the bootstrap allows. */
    public static EnvoyProcess startClosed(Path directory, String bootstrap) {
        Path file = write(directory, "bootstrap.yaml", bootstrap.getBytes(StandardCharsets.UTF_8));
        return start(directory, file, ADMIN_AS_WRITTEN);
    }

    /** Starts with a bootstrap as a message; fields that the Java types do not know reach Envoy. */
    public static EnvoyProcess start(Path directory, Message bootstrap, String... arguments) {
        return start(directory, write(directory, "bootstrap.pb", bootstrap.toByteArray()), OPEN_ADMIN, arguments);
    }

    private static EnvoyProcess start(Path directory, Path bootstrap, String admin, String... arguments) {
        Path address = directory.resolve("admin-address");
        Path log = directory.resolve("envoy.log");
        List<String> command = new ArrayList<>(List.of(
                binary(),
                "--config-path",
                bootstrap.toString(),
                "--config-yaml",
                admin,
                "--admin-address-path",
                address.toString(),
                "--concurrency",
                "1",
                "--reject-unknown-dynamic-fields",
                "--file-flush-interval-msec",
                "20",
                "--disable-hot-restart"));
        command.addAll(List.of(arguments));
        try {
            Files.deleteIfExists(address);
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            RUNNING.add(process);
            long deadline = System.nanoTime() + START.toNanos();
            while (!Files.exists(address) || !Files.readString(address).contains(":")) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    process.destroyForcibly();
                    throw new IllegalStateException("Envoy did not start:\n" + complaints(log));
                }
                process.waitFor(10, TimeUnit.MILLISECONDS);
            }
            String said = Files.readString(address).trim();
            return new EnvoyProcess(process, log, Integer.parseInt(said.substring(said.lastIndexOf(':') + 1)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What {@code --mode validate} says of a bootstrap file; empty = it is accepted. */
    public static String validate(Path bootstrap) {
        try {
            Process process = new ProcessBuilder(binary(), "--mode", "validate", "--config-path", bootstrap.toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? "" : said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** A port of the loopback that was free a moment ago. */
    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int adminPort() {
        return adminPort;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Body of a GET to the admin port; throws unless the answer is 200. */
    public String admin(String path) {
        HttpResponse<String> answer = send(path, "GET");
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(path + ": " + answer.statusCode() + " " + answer.body());
        }
        return answer.body();
    }

    /** A POST to the admin port, for instance {@code /reopen_logs}. */
    public String adminPost(String path) {
        return send(path, "POST").body();
    }

    /** What the admin port answers: an HTTP status. */
    public int adminStatus(String method, String path) {
        return send(path, method).statusCode();
    }

    /** Whether the server is live and initialised. */
    public boolean isReady() {
        return send("/ready", "GET").statusCode() == 200;
    }

    /** Value of one counter or gauge; 0 where Envoy has not made it. */
    public long stat(String name) {
        return admin("/stats")
                .lines()
                .filter(line -> line.startsWith(name + ": "))
                .mapToLong(line -> Long.parseLong(line.substring(name.length() + 2)))
                .findFirst()
                .orElse(0);
    }

    public String configDump() {
        return admin("/config_dump?include_eds");
    }

    /** Port of a listener by name; -1 = there is none (yet). */
    public int listenerPort(String name) {
        Matcher matcher =
                Pattern.compile("(?m)^" + Pattern.quote(name) + "::.*:(\\d+)$").matcher(admin("/listeners"));
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : -1;
    }

    /** Everything that it wrote so far. */
    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it wrote above level info; runs of blanks, which Envoy strews into its messages at random, as one. */
    public String complaints() {
        return complaints(log);
    }

    /** SIGKILL, and waits for the end. */
    public void kill() {
        process.destroyForcibly();
        await();
    }

    /** SIGTERM, and waits for the end. */
    public void terminate() {
        process.destroy();
        await();
    }

    @Override
    public void close() {
        kill();
    }

    private void await() {
        try {
            process.waitFor();
            RUNNING.remove(process);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private HttpResponse<String> send(String path, String method) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + path))
                .timeout(Duration.ofSeconds(10))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String complaints(Path log) {
        try {
            return Files.readString(log)
                    .lines()
                    .filter(line -> !line.contains("[info]"))
                    .map(line -> line.replaceAll(" +", " "))
                    .collect(Collectors.joining("\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String binary() {
        String path = System.getenv("WEIR_ENVOY");
        if (path == null || path.isEmpty()) {
            throw new IllegalStateException("WEIR_ENVOY: not set (expected: path of an Envoy 1.40.0 binary)");
        }
        return path;
    }

    private static Path write(Path directory, String name, byte[] content) {
        try {
            return Files.write(directory.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
