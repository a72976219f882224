package dev.weir.control.testbed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.control.model.Epoch;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Asks a control plane's admin port, as anyone could. */
public final class AdminClient {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final URI root;

    public AdminClient(int port) {
        this.root = URI.create("http://127.0.0.1:" + port + "/");
    }

    public URI root() {
        return root;
    }

    /** Whether a decision is in force. */
    public boolean ready() {
        return get("readyz").isPresent();
    }

    /** Node ids of the sidecars connected. */
    List<String> sidecars() {
        List<String> nodes = new ArrayList<>();
        json("v1/sidecars")
                .ifPresent(view -> view.path("sidecars")
                        .forEach(sidecar -> nodes.add(sidecar.path("node").asText())));
        return nodes;
    }

    /** Resources that the sidecars refused, all types together. */
    public long nacks() {
        long refused = 0;
        for (JsonNode sidecar : must("v1/sidecars").path("sidecars")) {
            for (JsonNode type : sidecar.path("types")) {
                refused += type.path("refused").asLong();
            }
        }
        return refused;
    }

    /** The newest decision's epoch. */
    public Epoch epoch() {
        return Epoch.parse(must("v1/decision").path("epoch").asText());
    }

    /** What is declared, as the control plane has it. */
    public List<DeclaredCapacity> declared() {
        List<DeclaredCapacity> declared = new ArrayList<>();
        json("v1/providers")
                .ifPresent(view -> view.path("providers").forEach(provider -> {
                    JsonNode one = provider.path("declared");
                    if (one.isObject()) {
                        declared.add(new DeclaredCapacity(
                                provider.path("provider").asText(),
                                one.path("workUnitsPerSecond").asDouble(),
                                one.path("block").path("number").asLong()));
                    }
                }));
        return declared;
    }

    private JsonNode must(String path) {
        return json(path).orElseThrow(() -> new TestbedFailure("the control plane does not answer " + root + path));
    }

    private Optional<JsonNode> json(String path) {
        return get(path).map(body -> {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                throw new TestbedFailure(root + path + ": " + e.getMessage() + " (expected: JSON)");
            }
        });
    }

    /** The body of a 200; empty when nobody answers so (yet). */
    private Optional<String> get(String path) {
        HttpRequest request =
                HttpRequest.newBuilder(root.resolve(path)).timeout(TIMEOUT).build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            return response.statusCode() == 200 ? Optional.of(response.body()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // not up yet, or no more: the caller decides how long that may be
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TestbedFailure("interrupted");
        }
    }
}
