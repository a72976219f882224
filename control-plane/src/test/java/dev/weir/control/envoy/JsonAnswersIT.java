package dev.weir.control.envoy;

import static dev.weir.control.envoy.AnswerMesh.CHAT;
import static dev.weir.control.envoy.AnswerMesh.COUNTS;
import static dev.weir.control.envoy.AnswerMesh.JSON;
import static dev.weir.control.envoy.AnswerMesh.STREAM;
import static dev.weir.control.envoy.AnswerMesh.USAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.RawClient.End;
import dev.weir.control.envoy.RawClient.Received;
import dev.weir.control.envoy.RawProvider.Script;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Answers that are no streams: of any size and type they pass as they come, and JSON is counted. Requests: at most 1 MiB. */
@ExtendWith(AnswerMesh.Shared.class)
final class JsonAnswersIT {
    private final AnswerMesh mesh;

    JsonAnswersIT(AnswerMesh mesh) {
        this.mesh = mesh;
    }

    @Test
    void answers_of_any_size_pass_and_are_counted() {
        String vector = "{\"object\":\"embedding\",\"embedding\":[-0.0123456,0.9876543,1e-7]},\n";
        for (int bytes : List.of(900, 20_000, 70_000, 90_000, 1_500_000, 20_000_000)) {
            String head = "{\"object\":\"list\",\"data\":[" + vector.repeat(bytes / vector.length());
            for (String body : List.of(
                    head + "{}],\"model\":\"e\"," + COUNTS + "}",
                    head + "{\"usage\":{\"prompt_tokens\":999}}]," + COUNTS + "\n}\n",
                    "{" + COUNTS + "," + head.substring(1) + "{\"usage\":{\"prompt_tokens\":999}}]}")) {
                assertThat(mesh.passes(RawProvider.whole(200, "application/json", body))
                                .answer()
                                .usage())
                        .as(bytes + " bytes")
                        .isEqualTo(USAGE);
            }
        }
    }

    @Test
    void long_strings_and_quotes_in_them_mislead_nobody() {
        String picture = "{\"data\":[{\"b64_json\":\"" + "QUJD".repeat(500_000) + "\"}],";
        String quotes = "{\"text\":\"" + "\\\"usage\\\":{\\\"prompt_tokens\\\":5},\\\\".repeat(5_000) + "\",";
        for (String head : List.of(picture, quotes)) {
            for (String tail : List.of(
                    COUNTS + "}",
                    COUNTS + ",\"note\":\"\\\"usage\\\":{}}\"}",
                    "\"x\":{\"usage\":{\"prompt_tokens\":5}}," + COUNTS
                            + ",\"y\":[{\"usage\":{\"prompt_tokens\":5}}]}")) {
                assertThat(mesh.passes(RawProvider.whole(200, "application/json", head + tail))
                                .answer()
                                .usage())
                        .isEqualTo(USAGE);
            }
        }
    }

    @Test
    void any_type_and_none_passes_whatever_its_size() {
        String binary = "\u0000\u0001{\"\r\n\r\ndata: {".repeat(400_000);
        for (String type : List.of(
                "application/octet-stream", "application/vnd.api+json", "audio/mpeg", "image/png", "text/html")) {
            mesh.passes(RawProvider.whole(200, type, binary));
            mesh.passes(RawProvider.whole(200, type, "{" + binary));
        }
        mesh.passes((request, wire) -> wire.head(200, "content-length", Integer.toString(binary.length()))
                .send(binary));
        mesh.passes((request, wire) -> wire.head(200, "content-length", "2").send("{}"));
    }

    @Test
    void white_space_and_every_piece_come_as_they_are_sent() {
        List<String> pieces = List.of(" ", "\n", "\r\n ", "{\"a\":", "[1,2],", COUNTS, "}", "\n");
        mesh.provider.plays((request, wire) -> {
            wire.head(200, "content-type", "application/json", "transfer-encoding", "chunked");
            for (String piece : pieces) {
                wire.pause(Duration.ofMillis(60)).chunk(piece);
            }
            wire.end();
        });
        for (String body : List.of(JSON, STREAM)) {
            Received received = mesh.through(CHAT, body);

            assertThat(received.text()).isEqualTo(String.join("", pieces));
            assertThat(received.pieces()).hasSize(pieces.size());
            assertThat(received.pieces().get(0).nanos() - received.headNanos())
                    .as("the head does not wait for the body")
                    .isGreaterThan(20_000_000);
            assertThat(mesh.record(received).answer().usage()).isEqualTo(USAGE);
        }
    }

    @Test
    void deep_and_broken_json_passes() {
        for (int depth : List.of(10, 1_000, 200_000)) {
            String deep = "{\"a\":" + "[".repeat(depth) + "]".repeat(depth) + "," + COUNTS + "}";
            assertThat(mesh.passes(RawProvider.whole(200, "application/json", deep))
                            .answer()
                            .usage())
                    .isEqualTo(USAGE);
            mesh.passes(RawProvider.whole(200, "application/json", "{\"a\":" + "{\"b\":[".repeat(depth)));
            String event = "{\"choices\":[{\"index\":0,\"finish_reason\":\"stop\"}]," + deep.substring(1);
            mesh.passes(RawProvider.pieces("text/event-stream", "data: " + event + "\n\n", "data: " + event));
        }
        for (String broken : List.of(
                "{",
                "{\"",
                "{\"usage\":",
                "{\"usage\":{\"prompt_tokens\":",
                "{]}",
                "{\"a\" 1}",
                "}{",
                "[",
                "\"\\",
                "nul")) {
            assertThat(mesh.passes(RawProvider.whole(200, "application/json", broken))
                            .answer()
                            .usage())
                    .isNull();
        }
    }

    @Test
    void a_cut_answer_is_cut_where_it_was() {
        Script cut = (request, wire) -> {
            wire.head(200, "content-type", "application/json", "content-length", "1000");
            wire.send("{\"half\":").pause(Duration.ofMillis(60)).close();
        };
        mesh.provider.plays(cut);

        Received received = mesh.through(CHAT, JSON);

        assertThat(received.text()).isEqualTo("{\"half\":");
        assertThat(received.end()).isIn(End.CUT, End.RESET);
        assertThat(mesh.record(received).completed()).isFalse();
    }

    @Test
    void answers_ended_by_close_and_interim_answers_pass() {
        String body = "{\"a\":1," + COUNTS + "}";
        assertThat(mesh.passes((request, wire) -> wire.send(
                                        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n" + body)
                                .close())
                        .answer()
                        .usage())
                .isEqualTo(USAGE);
        assertThat(mesh.passes((request, wire) -> wire.send(
                                        "HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n" + body)
                                .close())
                        .answer()
                        .usage())
                .isEqualTo(USAGE);
        assertThat(mesh.passes((request, wire) -> {
                            wire.send("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
                            RawProvider.whole(200, "application/json", body).play(request, wire);
                        })
                        .answer()
                        .usage())
                .isEqualTo(USAGE);
        for (String version : List.of("1.1", "1.0")) {
            String events = AnswerMesh.content("one") + AnswerMesh.done();
            mesh.passes((request, wire) -> wire.send("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/" + version
                            + " 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + events)
                    .close());
        }
        mesh.passes((request, wire) -> wire.head(204));
        mesh.passes((request, wire) -> wire.head(200, "content-length", "0"));
    }

    @Test
    void an_agent_that_leaves_frees_its_provider() throws Exception {
        List<Script> begun = List.of(
                (request, wire) -> {}, // it thinks
                (request, wire) -> wire.head(200, "content-type", "application/json", "transfer-encoding", "chunked"),
                (request, wire) -> wire.head(200, "content-type", "text/event-stream", "transfer-encoding", "chunked")
                        .chunk("data: {\"choices\":"));
        for (Script script : begun) {
            for (String body : List.of(JSON, STREAM)) {
                CompletableFuture<Boolean> left = new CompletableFuture<>();
                mesh.provider.plays((request, wire) -> {
                    script.play(request, wire);
                    left.complete(wire.left(Duration.ofSeconds(10)));
                });
                try (RawClient agent = RawClient.connect(mesh.port())) {
                    agent.send(RawClient.request("POST", CHAT, body, "content-type", "application/json"))
                            .read(false, Duration.ofMillis(200));
                }
                assertThat(left.get(10, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    @Test
    void only_numbers_are_counts() {
        String usage = "{\"usage\":{%s}}";
        assertThat(counted(usage.formatted("\"prompt_tokens\":9,\"total_tokens\":9")))
                .isEqualTo(new Usage(9, 0, 9, 0));
        assertThat(counted(usage.formatted("\"prompt_tokens\":\"9\",\"completion_tokens\":\"3\"")))
                .isNull();
        assertThat(counted(usage.formatted("\"prompt_tokens\":10,\"completion_tokens\":null")))
                .isEqualTo(new Usage(10, 0, 10, 0));
        assertThat(counted(usage.formatted("\"prompt_tokens\":10.0,\"completion_tokens\":2e0,\"total_tokens\":1.2e1")))
                .isEqualTo(new Usage(10, 2, 12, 0));
        assertThat(counted(usage.formatted("\"prompt_tokens\":10.5,\"completion_tokens\":-2")))
                .isNull();
        assertThat(counted(usage.formatted("\"prompt_tokens\":1e400,\"completion_tokens\":[2]")))
                .isNull();
        assertThat(counted(usage.formatted("\"prompt_tokens\":10,\"completion_tokens\":100,\"total_tokens\":110,"
                        + "\"completion_tokens_details\":{\"reasoning_tokens\":90},"
                        + "\"prompt_tokens_details\":{\"cached_tokens\":8}")))
                .isEqualTo(new Usage(10, 100, 110, 8));
        assertThat(counted("{\"usage\":{\"prompt_tokens\":1},\"usage\":{\"prompt_tokens\":2,\"prompt_tokens\":3}}"))
                .isEqualTo(new Usage(3, 0, 3, 0));
        assertThat(counted("[{\"usage\":{\"prompt_tokens\":1}}]")).isNull();
        assertThat(counted("{\"Usage\":{\"prompt_tokens\":1}}")).isNull();
        assertThat(counted("\ufeff {\"us\\u0061ge\":{\"prompt_tok\\u0065ns\":4}}"))
                .isEqualTo(new Usage(4, 0, 4, 0));
    }

    private @org.jspecify.annotations.Nullable Usage counted(String body) {
        return mesh.passes(RawProvider.whole(200, "application/json", body))
                .answer()
                .usage();
    }
}
