package dev.weir.control.envoy;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weir.control.testbed.SidecarBootstrap;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Kind;
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
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** A real Envoy with the bootstrap of {@code envoy-configs}, as its agent sees it. */
final class Sidecar implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String LOG = "access.log";
    private static final Duration SOON = Duration.ofMillis(5);

    private final Path directory;
    private final EnvoyProcess envoy;
    private final int port;
    private final String node;
    private final List<AccessRecord> records = new ArrayList<>();
    /** Of the first line of the log that is not in {@link #records}. */
    private long position;

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
    synchronized List<AccessRecord> records() {
        Path log = directory.resolve(LOG);
        if (!Files.exists(log)) {
            return List.of();
        }
        try (SeekableByteChannel file = Files.newByteChannel(log)) {
            file.position(position);
            byte[] bytes = Channels.newInputStream(file).readAllBytes();
            int from = 0;
            for (int i = 0; i < bytes.length; i++) {
                if (bytes[i] == '\n') {
                    ParsedRecord parsed = RecordLine.parse(node, bytes, from, i - from);
                    if (!(parsed instanceof ParsedRecord.Accepted accepted)) {
                        throw new AssertionError(
                                parsed + " of " + new String(bytes, from, i - from, StandardCharsets.UTF_8));
                    }
                    records.add(accepted.record());
                    from = i + 1;
                }
            }
            position += from;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.copyOf(records);
    }

    /** The records of a request, once there are {@code count} of them. */
    List<AccessRecord> records(String requestId, int count) {
        return recorded(record -> record.identity().requestId().equals(requestId), count);
    }

    /** The record of the call with this id, once it is written. */
    AccessRecord call(String requestId) {
        return recorded(
                        record -> record.identity().kind() == Kind.CALL
                                && record.identity().requestId().equals(requestId),
                        1)
                .get(0);
    }

    /** The record of the call that was answered so, once it is written. */
    AccessRecord call(Reply reply) {
        return call(reply.header("x-request-id").orElseThrow());
    }

    private List<AccessRecord> recorded(Predicate<AccessRecord> which, int count) {
        return await().pollInterval(SOON)
                .pollDelay(Duration.ZERO)
                .until(() -> records().stream().filter(which).toList(), found -> found.size() == count);
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
