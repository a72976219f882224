package dev.weir.control.testbed.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A provider and real HTTP clients. */
final class DemoProviderIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HELLO = "\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final DemoProvider provider = DemoProvider.start(
            new ProviderSpec("p", "m", 2, 20_000_000),
            0,
            (EventLoop) group.next(),
            System::nanoTime,
            InstantSource.system(),
            new Random(1));

    @AfterEach
    void stop() {
        provider.close();
        group.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void answers_json_with_usage_and_what_it_measured() throws Exception {
        HttpResponse<String> response = post("{" + HELLO + ",\"metadata\":{\"job\":\"1.5\"}}");
        assertThat(response.statusCode()).isEqualTo(200);
        JsonNode body = JSON.readTree(response.body());
        assertThat(body.path("object").asText()).isEqualTo("chat.completion");
        assertThat(body.path("choices").get(0).path("message").path("content").asText())
                .startsWith("Water flows");
        assertThat(body.path("usage").path("total_tokens").asLong())
                .isEqualTo(body.path("usage").path("prompt_tokens").asLong()
                        + body.path("usage").path("completion_tokens").asLong())
                .isEqualTo(provider.counts().tokens());
        assertThat(body.path("demo").path("provider").asText()).isEqualTo("p");
        assertThat(body.path("demo").path("service_micros").asLong()).isEqualTo(30_000);
        assertThat(provider.counts().completed()).isEqualTo(1);
    }

    @Test
    void streams_and_tells_usage_only_where_it_is_asked() throws Exception {
        String plain = post("{" + HELLO + ",\"stream\":true,\"metadata\":{\"job\":\"1\"}}")
                .body();
        List<String> events = plain.lines().filter(line -> !line.isEmpty()).toList();
        assertThat(events).allMatch(line -> line.startsWith("data: ")).last().isEqualTo("data: [DONE]");
        assertThat(plain).doesNotContain("total_tokens");
        StringBuilder words = new StringBuilder();
        for (String event : events.subList(0, events.size() - 1)) {
            JsonNode chunk = JSON.readTree(event.substring(6));
            assertThat(chunk.path("object").asText()).isEqualTo("chat.completion.chunk");
            words.append(
                    chunk.path("choices").get(0).path("delta").path("content").asText());
        }
        assertThat(words.toString())
                .isEqualTo(JSON.readTree(post("{" + HELLO + ",\"metadata\":{\"job\":\"1\"}}")
                                .body())
                        .path("choices")
                        .get(0)
                        .path("message")
                        .path("content")
                        .asText());

        assertThat(post("{" + HELLO + ",\"stream\":true,\"stream_options\":{\"include_usage\":true}}")
                        .body())
                .contains("\"choices\":[],\"usage\":{\"prompt_tokens\"");
    }

    @Test
    void calls_a_tool_streamed_or_not() throws Exception {
        String tools = ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"weather\"}}]";
        JsonNode choice = JSON.readTree(post("{" + HELLO + tools + "}").body())
                .path("choices")
                .get(0);
        assertThat(choice.path("finish_reason").asText()).isEqualTo("tool_calls");
        assertThat(choice.path("message")
                        .path("tool_calls")
                        .get(0)
                        .path("function")
                        .path("name")
                        .asText())
                .isEqualTo("weather");
        assertThat(post("{" + HELLO + tools + ",\"stream\":true}").body())
                .contains("\"tool_calls\":[{\"index\":0,")
                .contains("\"finish_reason\":\"tool_calls\"");
    }

    @Test
    void refuses_in_openai_shape() throws Exception {
        assertThat(error(post("{"), 400)).isEqualTo("bad_request");
        assertThat(error(post("{" + HELLO.replace("\"m\"", "\"other\"") + "}"), 404))
                .isEqualTo("model_not_found");
        assertThat(error(send("GET", "/v1/chat/completions", ""), 405)).isEqualTo("method_not_allowed");
        assertThat(error(send("GET", "/v1/other", ""), 404)).isEqualTo("unknown_url");
        assertThat(error(post("x".repeat(BodyLimit.MAX_BODY_BYTES + 1)), 413)).isEqualTo("request_too_large");
        assertThat(JSON.readTree(send("GET", "/v1/models", "").body())
                        .path("data")
                        .get(0)
                        .path("id")
                        .asText())
                .isEqualTo("m");
        assertThat(provider.counts().refused()).isEqualTo(2);
    }

    @Test
    void one_after_the_other_when_more_come_than_there_are_slots() {
        List<CompletableFuture<HttpResponse<String>>> calls = IntStream.range(0, 10)
                .mapToObj(i -> later("{" + HELLO + ",\"metadata\":{\"job\":\"1\"}}"))
                .toList();
        List<Long> waits = calls.stream()
                .map(CompletableFuture::join)
                .map(response -> read(response).path("demo").path("wait_micros").asLong())
                .sorted()
                .toList();
        // two at once, 20 ms each: the last pair waits four services, less what they arrived later than the first
        assertThat(waits.get(9)).isBetween(20_000L, 80_000L);
        assertThat(waits.get(0)).isLessThan(20_000);
        assertThat(provider.takeAttempts()).hasSize(10).allMatch(seen -> seen.attempt() == 1);
        assertThat(provider.takeAttempts()).isEmpty();
    }

    @Test
    void a_stalled_provider_holds_and_a_caller_that_leaves_frees_its_slot_and_its_place() throws Exception {
        provider.setSpeed(0);
        Socket first = open();
        Socket second = open();
        Socket third = open();
        await().until(() ->
                provider.counts().inService() == 2 && provider.counts().waiting() == 1);
        CompletableFuture<HttpResponse<String>> fourth = later("{" + HELLO + ",\"metadata\":{\"job\":\"0\"}}");
        await().until(() -> provider.counts().waiting() == 2);

        third.close();
        await().until(() -> provider.counts().waiting() == 1);
        first.close();
        await().until(() ->
                provider.counts().waiting() == 0 && provider.counts().inService() == 2);
        assertThat(fourth).isNotDone();

        provider.setSpeed(1);
        assertThat(fourth.join().statusCode()).isEqualTo(200);
        second.close();
        assertThat(provider.counts().cancelled()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void slower_from_now_on_for_what_is_in_service_too() {
        CompletableFuture<HttpResponse<String>> call = later("{" + HELLO + ",\"metadata\":{\"job\":\"10\"}}");
        await().until(() -> provider.counts().inService() == 1);
        provider.setSpeed(0.3);
        long service = read(call.join()).path("demo").path("service_micros").asLong();
        assertThat(service).isBetween(200_000L, 667_000L).isGreaterThan(210_000L);
    }

    private Socket open() throws IOException {
        Socket socket = new Socket("127.0.0.1", provider.port());
        byte[] body = ("{" + HELLO + ",\"metadata\":{\"job\":\"50\"}}").getBytes(StandardCharsets.UTF_8);
        OutputStream out = socket.getOutputStream();
        out.write(("POST /v1/chat/completions HTTP/1.1\r\nhost: p\r\ncontent-length: " + body.length + "\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8));
        out.write(body);
        out.flush();
        return socket;
    }

    private static String error(HttpResponse<String> response, int status) throws IOException {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("content-type")).contains("application/json");
        JsonNode error = JSON.readTree(response.body()).path("error");
        assertThat(error.path("message").asText()).contains("expected: ");
        return error.path("code").asText();
    }

    private static JsonNode read(HttpResponse<String> response) {
        try {
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new AssertionError(response.body(), e);
        }
    }

    private HttpResponse<String> post(String body) throws Exception {
        return send("POST", "/v1/chat/completions", body);
    }

    private CompletableFuture<HttpResponse<String>> later(String body) {
        return http.sendAsync(request("POST", "/v1/chat/completions", body), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        return http.send(request(method, path, body), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest request(String method, String path, String body) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + provider.port() + path))
                .timeout(Duration.ofSeconds(30))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
    }
}
