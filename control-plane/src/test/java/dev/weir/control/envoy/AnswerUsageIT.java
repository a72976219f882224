package dev.weir.control.envoy;

import static dev.weir.control.envoy.AnswerMesh.COUNTS;
import static dev.weir.control.envoy.AnswerMesh.STREAM_WITH_USAGE;
import static dev.weir.control.envoy.AnswerMesh.USAGE;
import static dev.weir.control.envoy.AnswerMesh.content;
import static dev.weir.control.envoy.AnswerMesh.done;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.RawClient.Received;
import dev.weir.control.envoy.RawProvider.Script;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What other APIs than chat completions say of tokens, and errors that come with a 200. */
@ExtendWith(AnswerMesh.Shared.class)
final class AnswerUsageIT {
    private static final String EVENTS = "text/event-stream";

    private final AnswerMesh mesh;

    AnswerUsageIT(AnswerMesh mesh) {
        this.mesh = mesh;
    }

    @Test
    void messages_are_counted_with_what_their_cache_had_and_took() {
        String start =
                "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"content\":[],\"usage\":"
                        + "{\"input_tokens\":25%s,\"output_tokens\":1}}}\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n";
        String delta =
                "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"hi\"}}\n\n";
        String end = "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
                + "\"usage\":{%s\"output_tokens\":15}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
        String cache = ",\"cache_creation_input_tokens\":1000,\"cache_read_input_tokens\":9000";

        assertThat(streamed(start.formatted(""), delta, end.formatted(""))).isEqualTo(new Usage(25, 15, 40, 0));
        assertThat(streamed(start.formatted(cache), delta, end.formatted("")))
                .isEqualTo(new Usage(10_025, 15, 10_040, 9_000));
        // those that say it all again at the end
        assertThat(streamed(start.formatted(cache), delta, end.formatted("\"input_tokens\":30" + cache + ",")))
                .isEqualTo(new Usage(10_030, 15, 10_045, 9_000));
        assertThat(json("{\"type\":\"message\",\"usage\":{\"input_tokens\":4" + cache + ",\"output_tokens\":7}}"))
                .isEqualTo(new Usage(10_004, 7, 10_011, 9_000));
    }

    @Test
    void both_names_may_stand_side_by_side() {
        assertThat(json("{\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":3,\"total_tokens\":14,"
                        + "\"input_tokens\":0,\"output_tokens\":0,\"cache_read_input_tokens\":8}}"))
                .isEqualTo(new Usage(11, 3, 14, 8));
        assertThat(json(
                        "{\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0,\"input_tokens\":20,\"output_tokens\":4,"
                                + "\"total_tokens\":24}}"))
                .isEqualTo(new Usage(20, 4, 24, 0));
        assertThat(json("{\"usage\":{\"prompt_tokens\":90,\"completion_tokens\":1,\"total_tokens\":91,"
                        + "\"prompt_cache_hit_tokens\":64,\"prompt_cache_miss_tokens\":26}}"))
                .isEqualTo(new Usage(90, 1, 91, 64));
    }

    @Test
    void events_of_responses_are_counted_whatever_their_length() {
        String usage = "\"usage\":{\"input_tokens\":20,\"output_tokens\":4,\"total_tokens\":24,"
                + "\"input_tokens_details\":{\"cached_tokens\":16}}";
        for (String type : List.of("response.completed", "response.incomplete")) {
            for (int bytes : List.of(10, 70_000, 1_200_000, 3_000_000)) {
                for (String end : List.of("\n", "\r\n")) {
                    String event = "event: " + type + end + "data: {\"type\":\"" + type
                            + "\",\"response\":{\"error\":null,\"output\":[\"" + "QUJD".repeat(bytes / 4)
                            + "\",{\"usage\":{\"input_tokens\":1}}]," + usage + ",\"user\":null},\"sequence_number\":9}"
                            + end + end;
                    assertThat(streamed(
                                    "event: response.created" + end + "data: {\"response\":{\"usage\":null}}" + end
                                            + end,
                                    event))
                            .as(type + " " + bytes)
                            .isEqualTo(new Usage(20, 4, 24, 16));
                }
            }
        }
        assertThat(json("{\"object\":\"response\",\"error\":null," + usage + "}"))
                .isEqualTo(new Usage(20, 4, 24, 16));
    }

    @Test
    void json_by_lines_is_counted_by_its_last_line() {
        String line = "{\"model\":\"q\",\"message\":{\"role\":\"assistant\",\"content\":\"a\"},\"done\":false}\n";
        String last = "{\"model\":\"q\",\"done\":true,\"prompt_eval_count\":26,\"eval_count\":298}";
        for (int lines : List.of(1, 3, 5_000)) {
            for (String end : List.of("\n", "")) {
                Script script = RawProvider.pieces("application/x-ndjson", line.repeat(lines), last + end);
                assertThat(mesh.passes(script).answer().usage()).isEqualTo(new Usage(26, 298, 324, 0));
            }
        }
        assertThat(json(last)).isEqualTo(new Usage(26, 298, 324, 0));
        AccessRecord error = mesh.passes(
                RawProvider.pieces("application/x-ndjson", line + line + "{\"error\":\"out of memory\"}\n"));
        assertThat(error.outcome().failed()).isTrue();
    }

    @Test
    void paths_of_other_vendors_are_counted_too() {
        mesh.provider.plays(RawProvider.pieces(EVENTS, content("one"), AnswerMesh.usage(), done()));
        Received received = mesh.through(
                "/openai/deployments/gpt/chat/completions?api-version=2024-10-21",
                STREAM_WITH_USAGE.replace("\"model\":\"m\",", ""));
        assertThat(received.status()).isEqualTo(200);
        assertThat(mesh.record(received).answer().usage()).isEqualTo(USAGE);
    }

    @Test
    void what_was_counted_is_kept_when_the_stream_is_cut() {
        mesh.provider.plays((request, wire) -> {
            wire.head(200, "content-type", EVENTS, "transfer-encoding", "chunked");
            wire.chunk("data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]," + COUNTS + "}\n\n")
                    .pause(java.time.Duration.ofMillis(60))
                    .reset();
        });
        AccessRecord record = mesh.record(mesh.through(AnswerMesh.CHAT, AnswerMesh.STREAM));
        assertThat(record.answer().usage()).isEqualTo(USAGE);
        assertThat(record.completed()).isFalse();
    }

    @Test
    void pieces_of_every_dialect_are_counted_with_their_text() {
        String chat = content("")
                + content("one \\\"two\\\"")
                + "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n"
                + "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":\"{\\\"a\\\"\"}}]}}]}\n\n";
        assertThat(seen(chat, AnswerMesh.usage(), done())).isEqualTo(new AccessRecord.Content(3, 3, 19));
        assertThat(seen(
                        "data: {\"type\":\"response.output_text.delta\",\"delta\":\"three\"}\n\n",
                        "data: {\"type\":\"response.output_text.done\",\"text\":\"three\"}\n\n"))
                .isEqualTo(new AccessRecord.Content(1, 0, 5));
        assertThat(seen(
                        "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"four\"}}\n\n",
                        "data: {\"type\":\"content_block_delta\",\"delta\":{\"thinking\":\"five\"}}\n\n",
                        "data: {\"type\":\"content_block_delta\",\"delta\":{\"partial_json\":\"{}\"}}\n\n"))
                .isEqualTo(new AccessRecord.Content(3, 0, 10));
        // as it comes in the smallest pieces, the last of them without an end
        String[] bytes = (chat + content("six").repeat(100) + "data: {\"choices\":[")
                .chars()
                .mapToObj(Character::toString)
                .toArray(String[]::new);
        assertThat(seen(bytes)).isEqualTo(new AccessRecord.Content(103, 0, 319));
    }

    private AccessRecord.@Nullable Content seen(String... pieces) {
        mesh.provider.plays(RawProvider.pieces(EVENTS, pieces));
        return mesh.record(mesh.through(AnswerMesh.CHAT, STREAM_WITH_USAGE))
                .answer()
                .content();
    }

    @Test
    void an_error_within_a_200_is_one() {
        for (String body : List.of(
                "{\"error\":{\"message\":\"upstream exploded\",\"code\":502}}",
                "{\"error\":\"no\"}",
                "{\"error\":true}",
                "{\"id\":\"x\",\"choices\":[]," + COUNTS + ",\"error\":{\"code\":1}}",
                "{\"type\":\"error\",\"request_id\":\"r\"}",
                "{\"object\":\"error\",\"message\":\"no\",\"code\":40303}",
                "{\"object\":\"response\",\"status\":\"failed\",\"error\":{\"code\":\"server_error\"},\"pad\":\""
                        + "x".repeat(200_000) + "\"}")) {
            assertFailed(mesh.passes(RawProvider.whole(200, "application/json", body)));
            assertFailed(mesh.passes(RawProvider.whole(200, EVENTS, " \n" + body)));
        }
        for (String event : List.of(
                "data: {\"error\":{\"message\":\"EngineDeadError\",\"code\":500}}\n\n",
                "data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}],"
                        + "\"error\":{\"code\":502}}\n\n",
                "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n",
                "event: error\ndata: not json\n\n",
                "event:error\r\ndata: {}\r\n\r\n",
                "data: {\"type\":\"error\",\"code\":\"server_error\"}\n\n",
                "event: response.failed\ndata: {\"type\":\"response.failed\",\"response\":{}}\n\n",
                "data: {\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"x\"}}}\n\n",
                "data: {\"response\":{\"status\":\"failed\",\"error\":{\"code\":\"x\"}}}\n\n",
                "data: {\"error\":\ndata: \"no\"}\n\n",
                "data: {\"error\":\"no\"}")) {
            assertFailed(mesh.passes(RawProvider.pieces(EVENTS, content("one"), event)));
            assertFailed(mesh.passes(RawProvider.pieces(EVENTS, (content("one") + event).split(""))));
            if (event.endsWith("\n")) {
                assertFailed(mesh.passes(RawProvider.pieces(EVENTS, content("one") + event + done())));
            }
        }
    }

    @Test
    void what_only_speaks_of_errors_is_none() {
        for (String body : List.of(
                "{\"error\":null,\"x\":{" + COUNTS + "}}",
                "{\"error\":false}",
                "{\"error\":\"\"}",
                "{\"error\":{}}",
                "{\"error\":0}",
                "{\"choices\":[{\"message\":{\"content\":\"\\\"error\\\":{\\\"code\\\":1}\"}}]}",
                "{\"choices\":[{\"message\":{\"error\":{}}}],\"x\":{\"error\":{\"code\":1}}}",
                "{\"type\":\"message\",\"message\":{\"error\":{\"code\":1}}}",
                "{\"errors\":[1],\"data\":[{\"type\":\"error\"}]}")) {
            AccessRecord record = mesh.passes(RawProvider.whole(200, "application/json", body));
            assertThat(record.outcome().failed()).as(body).isFalse();
            assertThat(record.completed()).as(body).isTrue();
            record = mesh.passes(RawProvider.pieces(EVENTS, "event: errors\ndata: " + body + "\n\n", done()));
            assertThat(record.outcome().failed()).as(body).isFalse();
        }
        AccessRecord rejected = mesh.passes(RawProvider.whole(400, "application/json", "{\"error\":{\"code\":1}}"));
        assertThat(rejected.outcome().failed()).as("its status says it").isFalse();
    }

    private static void assertFailed(AccessRecord record) {
        assertThat(record.outcome().status()).isEqualTo(200);
        assertThat(record.outcome().failed()).isTrue();
        assertThat(record.completed()).isFalse();
    }

    private @org.jspecify.annotations.Nullable Usage json(String body) {
        return mesh.passes(RawProvider.whole(200, "application/json", body))
                .answer()
                .usage();
    }

    private @org.jspecify.annotations.Nullable Usage streamed(String... pieces) {
        Usage whole = mesh.passes(RawProvider.pieces(EVENTS, pieces)).answer().usage();
        String all = String.join("", pieces);
        assertThat(mesh.passes(RawProvider.pieces(EVENTS, all.length() < 5_000 ? all.split("") : all.split("(?<=,)")))
                        .answer()
                        .usage())
                .isEqualTo(whole);
        return whole;
    }
}
