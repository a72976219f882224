package dev.weir.control.publish;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.ParsedRecord;
import dev.weir.xds.telemetry.RecordLine;
import dev.weir.xds.testing.EnvoyProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A real Envoy with the bootstrap of {@code envoy-configs}, as its agent sees it. */
final class Sidecar implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String LOG = "access.log";

    private final Path directory;
    private final EnvoyProcess envoy;
    private final int port;
    private final String node;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Sidecar(Path directory, EnvoyProcess envoy, int port, String node) {
        this.directory = directory;
        this.envoy = envoy;
        this.port = port;
        this.node = node;
    }

    /** Starts; the listener comes when the control plane sends it. */
    static Sidecar start(Path directory, String node, int controlPlanePort) {
        return start(directory, node, controlPlanePort, UnaryOperator.identity());
    }

    /** @param change of the bootstrap's text */
    static Sidecar start(Path directory, String node, int controlPlanePort, UnaryOperator<String> change) {
        int port = EnvoyProcess.freePort();
        String bootstrap = SidecarBootstrap.consumer()
                .withNode(node)
                .withProfile(new SidecarProfile.Consumer("127.0.0.1", port, LOG))
                .withControlPlane("127.0.0.1", controlPlanePort)
                .text();
        return new Sidecar(
                directory, EnvoyProcess.start(directory, change.apply(bootstrap), "-l", "warning"), port, node);
    }

    /** An answer as the agent got it. */
    record Reply(int status, java.net.http.HttpHeaders headers, String body) {
        Optional<String> header(String name) {
            return headers.firstValue(name);
        }

        /** Whether it says, in both ways, to come back after about {@code millis}, which is spread by a quarter. */
        boolean saysToWaitAbout(long millis) {
            long told = header("retry-after-ms").map(Long::parseLong).orElse(-1L);
            long seconds = header("retry-after").map(Long::parseLong).orElse(-1L);
            return told >= millis * 3 / 4 && told <= millis * 5 / 4 + 1 && seconds == (told + 999) / 1000;
        }

        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    int port() {
        return port;
    }

    EnvoyProcess envoy() {
        return envoy;
    }

    /** A chat completion of {@code model}. */
    Reply chat(String model, String... headers) {
        return post("/v1/chat/completions", "{\"model\":\"" + model + "\",\"messages\":[]}", headers);
    }

    /** As JSON, unless a header says otherwise. */
    Reply post(String path, String body, String... headers) {
        HttpRequest.Builder request = request(path).POST(BodyPublishers.ofString(body));
        request.setHeader("content-type", "application/json");
        return send(request, headers);
    }

    Reply get(String path, String... headers) {
        return send(request(path), headers);
    }

    Reply send(HttpRequest.Builder request, String... headers) {
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        try {
            HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
            return new Reply(response.statusCode(), response.headers(), response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(30));
    }

    /** Whether it serves, with routes of this epoch. */
    boolean serves(String epoch) {
        try {
            return get("/v1/models").header("weir-epoch").equals(Optional.of(epoch));
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof ConnectException) {
                return false;
            }
            throw e;
        }
    }

    /** What its file log holds by now, read as the collector reads it. */
    List<AccessRecord> records() {
        List<AccessRecord> records = new ArrayList<>();
        try {
            Path log = directory.resolve(LOG);
            for (String line : Files.exists(log) ? Files.readAllLines(log) : List.<String>of()) {
                byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
                ParsedRecord parsed = RecordLine.parse(node, bytes, 0, bytes.length);
                if (!(parsed instanceof ParsedRecord.Accepted accepted)) {
                    throw new AssertionError(parsed + " of " + line);
                }
                records.add(accepted.record());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return records;
    }

    /** Ends it; a script that failed, or a field that it does not know, fails the test. */
    @Override
    public void close() {
        List<String> troubles = !envoy.isAlive()
                ? List.of()
                : envoy.admin("/stats")
                        .lines()
                        .filter(line -> line.matches(".*(lua\\.errors|dynamic_unknown_fields): [1-9].*"))
                        .toList();
        envoy.close();
        if (!troubles.isEmpty()) {
            throw new AssertionError(troubles + "\n" + envoy.log());
        }
    }
}
