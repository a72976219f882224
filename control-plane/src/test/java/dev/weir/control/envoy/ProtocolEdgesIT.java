package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weir.control.envoy.RawClient.End;
import dev.weir.control.envoy.RawClient.Received;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that speak HTTP in ways of their own, byte for byte, before a real sidecar. */
@TestInstance(Lifecycle.PER_CLASS)
final class ProtocolEdgesIT {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String BODY = "{\"model\":\"one\"}";
    private static final String STREAM = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n";

    private EdgeMesh edges;

    @BeforeAll
    void start(@TempDir Path directory) {
        edges = new EdgeMesh(directory);
    }

    @BeforeEach
    void answerAsUsual() {
        edges.reset();
    }

    @AfterEach
    void nothingWasRefused() {
        assertThat(edges.mesh.refusals()).isEmpty();
    }

    @AfterAll
    void stop() {
        edges.close();
    }

    private static String chat(String version, String... lines) {
        return "POST /v1/chat/completions HTTP/" + version + "\r\ncontent-type: application/json\r\ncontent-length: "
                + BODY.length() + "\r\n" + (lines.length == 0 ? "" : String.join("\r\n", lines) + "\r\n") + "\r\n"
                + BODY;
    }

    private static JsonNode json(Received received) {
        try {
            return JSON.readTree(received.text());
        } catch (IOException e) {
            throw new UncheckedIOException(received.text(), e);
        }
    }

    private static void assertError(Received received, int status, String code) {
        assertThat(received.status()).as(received.toString()).isEqualTo(status);
        assertThat(received.header("content-type")).contains("application/json");
        JsonNode error = json(received).path("error");
        assertThat(error.path("code").asText()).isEqualTo(code);
        assertThat(error.path("message").asText()).isNotBlank();
        assertThat(error.path("type").asText()).isNotBlank();
        assertThat(error.has("param")).isTrue();
        assertThat(error.has("request_id")).isTrue();
    }

    @Test
    void http_1_0_without_a_host_is_served_and_closed() {
        Received received = edges.raw(chat("1.0"));

        assertThat(received.status()).isEqualTo(200);
        assertThat(received.text()).isEqualTo(EdgeMesh.DONE);
        assertThat(received.header("connection")).contains("close");
        assertThat(received.header("weir-provider")).contains("alpha");
        assertThat(edges.alpha.last().headers().get("host")).isEqualTo("alpha.test:" + edges.alpha.port());
    }

    @Test
    void http_1_0_keeps_the_connection_for_who_asks() {
        try (RawClient client = RawClient.connect(edges.sidecar.port())) {
            for (int i = 0; i < 3; i++) {
                Received received = client.send(
                                chat("1.0", "Host: x", "Connection: Keep-Alive").getBytes(StandardCharsets.US_ASCII))
                        .read(false, Duration.ofSeconds(20));
                assertThat(received.status()).isEqualTo(200);
                assertThat(received.text()).isEqualTo(EdgeMesh.DONE);
                assertThat(received.header("connection")).contains("keep-alive");
            }
        }
    }

    @Test
    void a_stream_to_http_1_0_ends_by_close_and_has_no_chunks() {
        edges.alpha.plays(RawProvider.pieces("text/event-stream", STREAM, STREAM, "data: [DONE]\n\n"));

        Received received = edges.raw(chat("1.0", "Connection: keep-alive"));

        assertThat(received.status()).isEqualTo(200);
        assertThat(received.header("transfer-encoding")).isEmpty();
        assertThat(received.header("content-length")).isEmpty();
        assertThat(received.header("connection")).contains("close");
        assertThat(received.text()).isEqualTo(STREAM + STREAM + "data: [DONE]\n\n");
        assertThat(received.end()).isEqualTo(End.WHOLE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /v1/models HTTP/1.0\r\n\r\n",
                "GET /v1/models HTTP/1.0\r\nHost: lb\r\nUser-Agent: health\r\n\r\n",
                "HEAD /v1/models HTTP/1.0\r\n\r\n",
                "GET /.well-known/weir HTTP/1.0\r\n\r\n"
            })
    void health_checks_in_http_1_0_are_answered(String request) {
        Received received = edges.raw(request);

        assertThat(received.status()).isEqualTo(200);
        assertThat(received.header("content-type")).contains("application/json");
        assertThat(received.end()).isEqualTo(End.WHOLE);
    }

    @Test
    void errors_in_http_1_0_have_our_shape() {
        assertError(edges.raw("GET /nowhere HTTP/1.0\r\n\r\n"), 404, "not_found");
        assertError(edges.raw(chat("1.0").replace("one", "two").replace("two", "xyz")), 404, "model_not_found");
        assertError(edges.raw(chat("1.0").replace(BODY, "x".repeat(BODY.length()))), 400, "invalid_json");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TLS/1.2",
                "TLS/1.3",
                "TLS/1.0, HTTP/1.1",
                "h2c, TLS/1.2",
                "h2c",
                "HTTP/2.0, SHTTP/1.3, IRC/6.9, RTA/x11",
                "web",
                "websocketx",
                "w"
            })
    void offers_of_other_protocols_are_ignored(String offer) {
        Received received = edges.raw(chat("1.1", "Host: x", "Connection: Upgrade", "Upgrade: " + offer));

        assertThat(received.status()).isEqualTo(200);
        assertThat(received.text()).isEqualTo(EdgeMesh.DONE);
        assertThat(edges.alpha.last().headers()).doesNotContainKeys("upgrade", "connection");
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "WebSocket", "websocket, TLS/1.2"})
    void websockets_are_refused_in_words_that_blame_no_key(String offer) {
        int before = edges.alpha.seen().size();

        Received received =
                edges.raw("GET /v1/realtime?model=one HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: " + offer
                        + "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

        assertError(received, 426, "websocket_not_supported");
        assertThat(json(received).at("/error/message").asText()).contains("HTTP");
        assertThat(received.header("x-request-id")).isPresent();
        assertThat(edges.alpha.seen()).hasSize(before);
    }

    @Test
    void tunnels_are_refused_in_words() {
        assertError(
                edges.raw("CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n\r\n"),
                405,
                "connect_not_supported");
    }

    @Test
    void a_sidecar_as_forward_proxy_serves_its_pools() {
        Received received =
                edges.raw(chat("1.1", "Host: api.example.com").replace("POST /", "POST http://api.example.com/"));

        assertThat(received.status()).isEqualTo(200);
        assertThat(edges.alpha.last().path()).isEqualTo("/v1/chat/completions");
    }

    @ParameterizedTest
    @CsvSource({
        "//v1/chat/completions, /v1/chat/completions",
        "/v1//chat///completions, /v1/chat/completions",
        "/v1/x/../chat/completions, /v1/chat/completions",
        "/v1/./chat/%2e/completions, /v1/chat/completions",
        "/../../v1/chat/completions, /v1/chat/completions",
        "/v1//chat/completions?api-version=1//2, /v1/chat/completions?api-version=1//2",
        "/v1/files//a, /v1/files/a",
        "/v1/files/.;/a, /v1/files/a",
        "/v1/files/a/..;/b, /v1/files/b",
    })
    void slashes_are_merged_and_dots_resolved(String asked, String seen) {
        Received received = RawClient.post(edges.sidecar.port(), asked, BODY);

        assertThat(received.status()).isEqualTo(200);
        assertThat(edges.alpha.last().path()).isEqualTo(seen);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/files/..%2f..%2forganization",
                "/v1/files%2Fa",
                "/v1/files/%5c..%5C..",
                "/v1/files/.%2e;/a",
                "/v1/files/%2e%2E;x=1/admin",
                "/v1/chat%2Fcompletions",
            })
    void a_path_that_a_provider_might_read_otherwise_is_refused(String path) {
        int before = edges.alpha.seen().size();

        Received received = RawClient.post(edges.sidecar.port(), path, BODY);

        assertError(received, 400, "ambiguous_path");
        assertThat(edges.alpha.seen()).hasSize(before);
    }

    @Test
    void who_waits_to_be_asked_for_the_body_is_asked_at_once() throws IOException {
        String[] parts = chat("1.1", "Host: x", "Expect: 100-continue").split("(?<=\r\n\r\n)", 2);
        try (Socket agent = new Socket("127.0.0.1", edges.sidecar.port())) {
            agent.setSoTimeout(5_000);
            BufferedReader reader =
                    new BufferedReader(new InputStreamReader(agent.getInputStream(), StandardCharsets.US_ASCII));
            agent.getOutputStream().write(parts[0].getBytes(StandardCharsets.US_ASCII));
            assertThat(reader.readLine()).isEqualTo("HTTP/1.1 100 Continue");
            assertThat(reader.readLine()).isEmpty();
            agent.getOutputStream().write(parts[1].getBytes(StandardCharsets.US_ASCII));
            assertThat(reader.readLine()).isEqualTo("HTTP/1.1 200 OK");
        }
        assertThat(edges.alpha.last().text()).isEqualTo(BODY);
        assertThat(edges.alpha.last().headers()).doesNotContainKey("expect");
    }

    @Test
    void a_body_in_chunks_of_one_byte_arrives_whole() {
        String head = chat("1.1", "Host: x", "Transfer-Encoding: chunked")
                .replaceFirst("content-length: \\d+\r\n", "")
                .replace(BODY, "");
        try (RawClient agent = RawClient.connect(edges.sidecar.port())) {
            agent.send(head.getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < BODY.length(); i++) {
                agent.send(("1;x=\"y\"\r\n" + BODY.charAt(i) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            }
            Received received =
                    agent.send("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)).read(false, Duration.ofSeconds(20));
            assertThat(received.status()).as(received.text()).isEqualTo(200);
        }
        assertThat(edges.alpha.last().text()).isEqualTo(BODY);
        assertThat(edges.alpha.last().headers().keySet())
                .filteredOn(List.of("content-length", "transfer-encoding")::contains)
                .hasSize(1);
    }

    @Test
    void escapes_in_a_query_are_the_agents_affair() {
        Received received = RawClient.post(edges.sidecar.port(), "/v1/files/a;b=1?prefix=a%2Fb%5c..;", BODY);

        assertThat(received.status()).isEqualTo(200);
        assertThat(edges.alpha.last().path()).isEqualTo("/v1/files/a;b=1?prefix=a%2Fb%5c..;");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/files/../organization/api_keys",
                "/v1/files/%2e%2e/organization",
                "/v1/files\\..\\organization",
                "/v1/files/..;/organization",
                "/v1/files/a;x/..;y=1/../organization",
            })
    void a_path_that_leads_out_of_its_pool_is_not_the_pools(String path) {
        assertError(RawClient.call(edges.sidecar.port(), "GET", path, ""), 404, "not_found");
    }

    @Test
    void what_the_codec_refuses_has_our_shape() {
        assertError(
                edges.raw(chat("1.1", "Host: x", "Transfer-Encoding: chunked")),
                400,
                "http1.content_length_and_chunked_not_allowed");
        assertError(edges.raw("XYZ\r\n\r\n"), 400, "http1.codec_error");
        assertError(edges.raw("GET /v1/models HTTP/1.1\r\n\r\n"), 400, "missing_host_header");
        assertError(edges.raw(chat("1.1", "Host: x", "bad header: 1")), 400, "http1.codec_error");
        assertError(edges.raw(chat("1.1", "Host: x", "x: " + "y".repeat(70_000))), 431, "http1.headers_too_large");
        assertError(edges.raw("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"), 404, "absolute_path_rejected");
    }

    @Test
    void an_error_to_a_head_has_its_headers_and_no_body() {
        Received received = edges.raw("HEAD /nowhere HTTP/1.1\r\nHost: x\r\n\r\n");

        assertThat(received.status()).isEqualTo(404);
        assertThat(received.header("content-type")).contains("application/json");
        assertThat(received.header("x-request-id")).isPresent();
        assertThat(received.text()).isEmpty();
    }
}
