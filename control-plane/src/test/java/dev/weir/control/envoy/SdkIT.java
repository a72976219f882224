package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import dev.weir.control.envoy.FakeProvider.Seen;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Unmodified OpenAI clients that know nothing but the sidecar's address. */
@TestInstance(Lifecycle.PER_CLASS)
final class SdkIT {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Path SCRIPTS = Path.of("src", "test", "sdk").toAbsolutePath();

    private final FakeProvider provider = new FakeProvider();
    private final TestMesh mesh = new TestMesh();
    private Sidecar sidecar;

    @BeforeAll
    void start(@TempDir Path directory) {
        provider.answers(SdkIT::answer);
        Pool pool = Meshes.pool("m", new Match.Model("m"), "p");
        Pool idle = Meshes.pool("idle", new Match.Model("idle"), "p");
        Config config = Meshes.config(Policy.WATER_FILLING, List.of(Meshes.provider("p", provider.port())), pool, idle);
        sidecar = Sidecar.start(directory, "sdk", mesh.port());
        mesh.apply(config, Meshes.decision(1, Meshes.decided(pool, 1_000_000), Meshes.decided(idle, 0)), sidecar);
    }

    @AfterAll
    void stop() {
        sidecar.close();
        mesh.close();
        provider.close();
    }

    @Test
    void python() throws Exception {
        assertWorks(run(variable("WEIR_PYTHON", "python of an environment with openai"), "client.py"));
    }

    @Test
    void node() throws Exception {
        variable("WEIR_NODE_MODULES", "folder whose node_modules has openai");
        assertWorks(run("node", "client.cjs"));
    }

    private void assertWorks(JsonNode results) {
        assertThat(results.at("/plain/text").asText()).isEqualTo("hello");
        assertThat(results.at("/plain/tokens").asInt()).isEqualTo(14);
        assertThat(results.at("/plain/provider").asText()).isEqualTo("p");
        assertThat(results.at("/streamed/text").asText()).isEqualTo("one two three");
        assertThat(results.at("/streamedWithUsage/tokens").asInt()).isEqualTo(14);
        assertThat(results.at("/streamedWithUsage/emptyChunks").asInt()).isEqualTo(1);
        for (String tools : List.of("/tools", "/streamedTools")) {
            assertThat(results.at(tools + "/name").asText()).isEqualTo("weather");
            assertThat(results.at(tools + "/arguments/city").asText()).isEqualTo("Delft");
        }
        JsonNode unknown = results.at("/unknownModel");
        assertThat(unknown.at("/error").asText()).isEqualTo("NotFoundError");
        assertThat(unknown.at("/status").asInt()).isEqualTo(404);
        assertThat(unknown.at("/code").asText()).isEqualTo("model_not_found");
        assertThat(unknown.at("/param").asText()).isEqualTo("model");
        assertThat(unknown.at("/message").asText()).contains("nobody-has-this");
        JsonNode idle = results.at("/noProvider");
        assertThat(idle.at("/error").asText()).isEqualTo("RateLimitError");
        assertThat(idle.at("/code").asText()).isEqualTo("no_provider");
        assertThat(results.at("/models/ids").toString()).isEqualTo("[\"idle\",\"m\"]");

        assertThat(provider.seen()).noneMatch(request -> request.headers().containsKey("authorization"));
        for (String answered : List.of("/plain", "/unknownModel", "/noProvider")) {
            String id = results.at(answered + "/requestId").asText();
            org.awaitility.Awaitility.await()
                    .untilAsserted(() -> assertThat(sidecar.records())
                            .filteredOn(record -> record.identity().kind() == Kind.CALL
                                    && record.identity().requestId().equals(id))
                            .as(answered)
                            .hasSize(1));
        }
        // whatever was asked for and however, all tokens were counted
        assertThat(sidecar.records())
                .filteredOn(record -> record.identity().kind() == Kind.CALL
                        && record.outcome().status() == 200
                        && record.identity().attempt() == 1)
                .extracting(record -> record.answer().usage())
                .isNotEmpty()
                .doesNotContainNull();
        assertThat(mesh.refusals()).isEmpty();
    }

    private JsonNode run(String program, String script) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        program, SCRIPTS.resolve(script).toString(), "http://127.0.0.1:" + sidecar.port() + "/v1")
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return JSON.readTree(said);
    }

    private static String variable(String name, String expected) {
        String value = System.getenv(name);
        if (value == null || value.isEmpty()) {
            throw new IllegalStateException(name + ": not set (expected: " + expected + ")");
        }
        return value;
    }

    /** Calls a tool where there are any. */
    private static void answer(Seen request, HttpExchange exchange) throws IOException {
        JsonNode body = request.json();
        if (!body.has("tools")) {
            FakeProvider.complete(request, exchange);
        } else if (!body.path("stream").asBoolean(false)) {
            FakeProvider.respond(
                    exchange,
                    200,
                    "application/json",
                    "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,"
                            + "\"finish_reason\":\"tool_calls\",\"message\":{\"role\":\"assistant\",\"content\":null,"
                            + "\"tool_calls\":[{\"id\":\"t1\",\"type\":\"function\",\"function\":{\"name\":\"weather\","
                            + "\"arguments\":\"{\\\"city\\\":\\\"Delft\\\"}\"}}]}}],"
                            + "\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":3,\"total_tokens\":14}}");
        } else {
            exchange.getResponseHeaders().set("content-type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                delta(
                        out,
                        "{\"role\":\"assistant\",\"tool_calls\":[{\"index\":0,\"id\":\"t1\",\"type\":\"function\","
                                + "\"function\":{\"name\":\"weather\",\"arguments\":\"\"}}]}");
                delta(out, "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"city\\\":\"}}]}");
                delta(out, "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"\\\"Delft\\\"}\"}}]}");
                if (body.at("/stream_options/include_usage").asBoolean(false)) {
                    write(out, chunk("[]", "{\"prompt_tokens\":11,\"completion_tokens\":3,\"total_tokens\":14}"));
                }
                write(out, "[DONE]");
            }
        }
    }

    private static void delta(OutputStream out, String delta) throws IOException {
        write(out, chunk("[{\"index\":0,\"delta\":" + delta + "}]", "null"));
    }

    private static String chunk(String choices, String usage) {
        return "{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":"
                + choices + ",\"usage\":" + usage + "}";
    }

    private static void write(OutputStream out, String data) throws IOException {
        out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
