package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.envoy.Sidecar.Reply;
import dev.weir.control.model.Pool.Match;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Tokens are counted on every answer, and an agent that did not ask for them sees nothing of it. */
@TestInstance(Lifecycle.PER_CLASS)
final class StreamsIT {
    private static final String CHAT = "/v1/chat/completions";
    private static final Usage USAGE = new Usage(11, 3, 14, 5);

    private final FakeProvider provider = new FakeProvider();
    private FakeMesh mesh;
    private Sidecar sidecar;

    @BeforeAll
    void start(@TempDir Path directory) {
        mesh = new FakeMesh(directory, Map.of("p", provider), Meshes.pool("m", new Match.Model("m"), "p"));
        sidecar = mesh.sidecar;
    }

    @AfterEach
    void sound() {
        mesh.assertSound();
    }

    @AfterAll
    void stop() {
        mesh.close();
    }

    @Test
    void a_whole_answer_is_counted() {
        Reply reply = sidecar.chat("m");

        assertThat(reply.json().at("/usage/total_tokens").asInt()).isEqualTo(14);
        assertThat(mesh.call(reply).answer().usage()).isEqualTo(USAGE);
        assertThat(mesh.call(reply).request().streamed()).isFalse();
        assertThat(mesh.call(reply).request().model()).isEqualTo("m");
    }

    @Test
    void a_stream_is_counted_and_the_extra_event_hidden() {
        Reply reply = sidecar.post(CHAT, "{\"model\":\"m\",\"stream\":true,\"messages\":[]}");

        assertThat(provider.last().json().at("/stream_options/include_usage").asBoolean())
                .isTrue();
        assertThat(reply.body())
                .contains("\"one \"", "\"two \"", "\"three\"", "\"finish_reason\":\"stop\"")
                .endsWith("data: [DONE]\n\n")
                .doesNotContain("\"choices\":[]", "total_tokens");
        assertThat(mesh.call(reply).answer().usage()).isEqualTo(USAGE);
        assertThat(mesh.call(reply).request().streamed()).isTrue();
    }

    @Test
    void a_body_of_unknown_length_is_completed_too() {
        String body = "{\"model\":\"m\",\"stream\":true,\"x\":\"" + "y".repeat(100_000) + "\"}";

        Reply reply = sidecar.send(sidecar.request(CHAT)
                .setHeader("content-type", "application/json")
                .POST(BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)))));

        assertThat(provider.last().body())
                .isEqualTo("{\"stream_options\":{\"include_usage\":true}," + body.substring(1));
        assertThat(mesh.call(reply).answer().usage()).isEqualTo(USAGE);
    }

    @Test
    void responses_are_counted_by_their_names() {
        String usage = "\"usage\":{\"input_tokens\":20,\"output_tokens\":4,\"total_tokens\":24,"
                + "\"input_tokens_details\":{\"cached_tokens\":8}}";
        Usage counted = new Usage(20, 4, 24, 8);
        provider.answers((request, exchange) ->
                FakeProvider.respond(exchange, 200, "application/json", "{\"object\":\"response\"," + usage + "}"));
        assertThat(mesh.call(sidecar.post("/v1/responses", "{\"model\":\"m\"}"))
                        .answer()
                        .usage())
                .isEqualTo(counted);

        String stream = "event: response.created\ndata: {\"response\":{\"usage\":null}}\n\n"
                + "event: response.completed\ndata: {\"response\":{" + usage + "}}\n\n";
        provider.answers((request, exchange) -> FakeProvider.respond(exchange, 200, "text/event-stream", stream));
        Reply reply = sidecar.post("/v1/responses", "{\"model\":\"m\",\"stream\":true}");
        assertThat(reply.body()).isEqualTo(stream);
        assertThat(mesh.call(reply).answer().usage()).isEqualTo(counted);
    }

    @Test
    void who_asks_for_usage_gets_it_and_the_body_is_untouched() {
        String body = "{\"model\":\"m\",\"stream\":true, \"stream_options\" : {\"include_usage\":true}}";

        Reply reply = sidecar.post(CHAT, body);

        assertThat(provider.last().body()).isEqualTo(body);
        assertThat(reply.body()).contains("\"choices\":[]", "\"total_tokens\":14");
        assertThat(mesh.call(reply).answer().usage()).isEqualTo(USAGE);
    }

    @Test
    void what_is_not_streamed_or_has_no_such_option_is_untouched() {
        for (String path : List.of(CHAT, "/v1/responses", "/v1/embeddings")) {
            String body = "{ \"model\":\"m\", \"n\":9007199254740993, \"p\":0.10"
                    + (path.equals(CHAT) ? "" : ",\"stream\":true") + "}";
            sidecar.post(path, body);
            assertThat(provider.last().body()).isEqualTo(body);
        }
    }

    @Test
    void the_option_is_set_where_it_belongs_and_every_other_byte_stays() {
        String set = "{\"include_usage\":true}";
        List<List<String>> cases = List.of(
                List.of("", ""),
                List.of(",\"stream_options\":null", ",\"stream_options\":" + set),
                List.of(",\"stream_options\":{}", ",\"stream_options\":" + set),
                List.of(",\"stream_options\" : { }", ",\"stream_options\" : {\"include_usage\":true }"),
                List.of(
                        ",\"stream_options\":{\"include_usage\":false,\"x\":[1]}",
                        ",\"stream_options\":{\"include_usage\":true,\"x\":[1]}"),
                List.of(
                        ",\"stream_options\":{\"x\":{\"include_usage\":false}}",
                        ",\"stream_options\":{\"include_usage\":true,\"x\":{\"include_usage\":false}}"),
                List.of(
                        ",\"tools\":[{\"stream_options\":{},\"d\":\"}]\\\"\\\\\"}],\"stream_options\":{\"y\":1}",
                        ",\"tools\":[{\"stream_options\":{},\"d\":\"}]\\\"\\\\\"}],\"stream_options\":{\"include_usage\":true,\"y\":1}"));
        for (List<String> each : cases) {
            String head =
                    " { \"n\":9007199254740993,\"s\":\"\\\"stream_options\\\":{}\",\"model\":\"m\",\"stream\":true";
            sidecar.post(CHAT, head + each.get(0) + "}");
            String expected = head + each.get(1) + "}";
            if (each.get(1).isEmpty()) {
                expected = expected.replaceFirst("\\{", "{\"stream_options\":" + set + ",");
            }
            assertThat(provider.last().body()).isEqualTo(expected);
        }
    }

    @Test
    void events_are_told_apart_however_they_are_cut() {
        String chunk =
                "data: {\"choices\":[{\"delta\":{\"content\":\"\\\"choices\\\":[],\\\"usage\\\":{\"}}],\"usage\":null}";
        String empty = "data: {\"choices\": [],\"prompt_filter_results\":[],\"usage\":null}";
        String usage =
                "data: {\"choices\": [ ], \"usage\": {\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}";
        for (String end : List.of("\n\n", "\r\n\r\n")) {
            String shown = empty + end + chunk + end + ": comment" + end + chunk + end;
            String done = "data: [DONE]" + end;
            byte[] sent = (shown + usage + end + done).getBytes(StandardCharsets.UTF_8);
            for (int step : List.of(1, 7, 50, 1000)) {
                provider.answers((request, exchange) -> {
                    exchange.getResponseHeaders().set("content-type", "text/event-stream");
                    exchange.sendResponseHeaders(200, 0);
                    try (OutputStream out = exchange.getResponseBody()) {
                        for (int at = 0; at < sent.length; at += step) {
                            out.write(sent, at, Math.min(step, sent.length - at));
                            out.flush();
                        }
                    }
                });

                Reply reply = sidecar.post(CHAT, "{\"model\":\"m\",\"stream\":true}");

                assertThat(reply.body()).as("step " + step).isEqualTo(shown + done);
                assertThat(mesh.call(reply).answer().usage()).isEqualTo(new Usage(1, 2, 3, 0));
            }
        }
    }

    @Test
    void an_agent_that_leaves_keeps_what_was_counted_so_far() throws Exception {
        provider.answers((request, exchange) -> {
            exchange.getResponseHeaders().set("content-type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            OutputStream out = exchange.getResponseBody();
            for (int i = 1; i <= 3; i++) {
                out.write(("data: {\"choices\":[{}],\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":" + i
                                + ",\"total_tokens\":" + (4 + i) + "}}\n\n")
                        .getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
            // the stream goes on until the connection is gone
            while (true) {
                out.write(": still here\n\n".getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        });
        try (java.net.Socket socket = new java.net.Socket("127.0.0.1", sidecar.port())) {
            String body = "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}";
            socket.getOutputStream()
                    .write(("POST " + CHAT
                                    + " HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: "
                                    + body.length() + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.UTF_8));
            StringBuilder read = new StringBuilder();
            byte[] buffer = new byte[1024];
            while (read.indexOf("still here") < 0) {
                read.append(new String(buffer, 0, socket.getInputStream().read(buffer), StandardCharsets.UTF_8));
            }
        }
        AccessRecord record = await().until(
                        () -> sidecar.records().stream()
                                .filter(each -> each.identity().kind() == Kind.CALL
                                        && each.outcome().flags().contains("DC"))
                                .toList(),
                        found -> !found.isEmpty())
                .get(0);
        assertThat(record.answer().usage()).isEqualTo(new Usage(4, 3, 7, 0));
        assertThat(record.completed()).isFalse();
    }
}
