package dev.weir.control.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weir.control.history.RunHistory;
import dev.weir.control.history.RunHistory.Call;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** An agent that calls a sidecar, one call after the other, and writes down what it got. */
public final class RecordingAgent implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final URI url;
    private final String model;
    private final RunHistory history;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Thread thread;
    private volatile boolean stopping;
    private volatile long lastGood;
    private volatile long failures;

    /** Starts. {@code pauseNanos}: between two calls. */
    public RecordingAgent(int port, String model, long pauseNanos, RunHistory history) {
        this.url = URI.create("http://127.0.0.1:" + port + "/v1/chat/completions");
        this.model = model;
        this.history = history;
        this.thread = new Thread(
                () -> {
                    while (!stopping) {
                        call();
                        LockSupport.parkNanos(pauseNanos);
                    }
                },
                "agent-" + model);
        thread.start();
    }

    public String model() {
        return model;
    }

    /** Calls that had another status than 200, or no answer. */
    public long failures() {
        return failures;
    }

    /** When the last 2xx came, monotonic; 0 = none yet. */
    public long lastGoodNanos() {
        return lastGood;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes it
    private void call() {
        try {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(url)
                            .timeout(PATIENCE)
                            .header("content-type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"" + model
                                    + "\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            history.call(new Call(
                    header(answer, "x-request-id"),
                    answer.statusCode(),
                    true,
                    tokens(answer.body()),
                    header(answer, "weir-provider"),
                    Long.parseLong(answer.headers().firstValue("weir-price").orElse("-1")),
                    header(answer, "weir-epoch")));
            if (answer.statusCode() == 200) {
                lastGood = System.nanoTime();
            } else {
                failures++;
            }
        } catch (IOException e) {
            failures++;
            history.unanswered();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts an agent", e);
        }
    }

    private static String header(HttpResponse<String> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private static long tokens(String body) throws IOException {
        JsonNode json = JSON.readTree(body);
        return json.path("usage").path("total_tokens").asLong(0);
    }

    /** Ends after the call in progress. */
    @Override
    public void close() {
        stopping = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
