package dev.weir.control.envoy;

import static dev.weir.control.envoy.AnswerMesh.CHAT;
import static dev.weir.control.envoy.AnswerMesh.COUNTS;
import static dev.weir.control.envoy.AnswerMesh.STREAM;
import static dev.weir.control.envoy.AnswerMesh.USAGE;
import static dev.weir.control.envoy.AnswerMesh.content;
import static dev.weir.control.envoy.AnswerMesh.done;
import static dev.weir.control.envoy.AnswerMesh.finish;
import static dev.weir.control.envoy.AnswerMesh.usage;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.RawClient.Received;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The event that the mesh asked for is hidden in every dialect, and nothing else is: in doubt it is shown. */
@ExtendWith(AnswerMesh.Shared.class)
final class HiddenUsageIT {
    private static final String EVENTS = "text/event-stream";

    private final AnswerMesh mesh;

    HiddenUsageIT(AnswerMesh mesh) {
        this.mesh = mesh;
    }

    @Test
    void it_is_hidden_in_every_dialect() {
        for (String event : List.of(
                "data: {\"choices\":[]," + COUNTS + "}\n\n",
                "data: {" + COUNTS + "}\n\n",
                "data:{" + COUNTS + ",\"choices\":null}\n\n",
                "data: { \"choices\" : [ ] , " + COUNTS.replace(":", " : ") + " }  \n\n",
                "data: {\"choices\":[{\"index\":0,\"delta\":{}}]," + COUNTS + "}\n\n",
                "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\",\"role\":null,\"tool_calls\":[]},"
                        + "\"finish_reason\":null,\"logprobs\":null},{\"index\":1,\"delta\":null}]," + COUNTS + "}\n\n",
                "data: {\"choices\":[{\"index\":0,\"text\":\"\"}]," + COUNTS + "}\n\n",
                "data: {\"choices\":[],\"error\":null," + COUNTS + "}\n\n",
                "data: {\"choices\":[],\"\\u0075sage\"" + COUNTS.substring(7) + "}\n\n",
                "data: {\"choices\":[],\ndata: " + COUNTS + "\ndata: }\n\n",
                "data: {\ndata:   \"choices\": [],\ndata:   " + COUNTS.replace("{", "{\ndata:     ")
                        + "\ndata: }\n\n")) {
            for (String end : List.of("\n", "\r\n", "\r")) {
                String before = (content("one") + finish()).replace("\n", end);
                String hidden = event.replace("\n", end);
                String after = done().replace("\n", end);
                mesh.hides(RawProvider.pieces(EVENTS, before + hidden + after), before + after);
                mesh.hides(RawProvider.pieces(EVENTS, before, hidden, after), before + after);
                mesh.hides(RawProvider.pieces(EVENTS, (before + hidden + after).split("(?<=[:\n\r])")), before + after);
            }
        }
    }

    @Test
    void what_else_belongs_to_its_event_stays() {
        String data = "data: {" + COUNTS + "}\n";
        mesh.hides(RawProvider.pieces(EVENTS, "event: x\n" + data + "\n" + done()), "event: x\n\n" + done());
        mesh.hides(RawProvider.pieces(EVENTS, data + "id: 7\n\n" + done()), "id: 7\n\n" + done());
        mesh.hides(RawProvider.pieces(EVENTS, ": ping\n" + data + "\n" + done()), ": ping\n\n" + done());
        mesh.hides(RawProvider.pieces(EVENTS, data + ": ping\n\n", done()), ": ping\n\n" + done());
        mesh.hides(RawProvider.pieces(EVENTS, data, "\n", "\n" + done()), "\n" + done());
        // without blank lines each line is an event
        mesh.hides(RawProvider.pieces(EVENTS, "data: {\"x\":1}\n" + data + done()), "data: {\"x\":1}\n" + done());
        mesh.hides(RawProvider.pieces(EVENTS, "data: {\"x\":\n" + data + done()), "data: {\"x\":\n" + done());
    }

    @Test
    void whatever_may_say_something_is_shown() {
        for (String event : List.of(
                "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]," + COUNTS + "}\n\n",
                "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\" \"}}]," + COUNTS + "}\n\n",
                "data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning\":\"x\"}}]," + COUNTS + "}\n\n",
                "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]," + COUNTS + "}\n\n",
                "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]," + COUNTS + "}\n\n",
                "data: {\"choices\":[{},{\"index\":1,\"text\":\"x\"}]," + COUNTS + "}\n\n",
                "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0}]}}]," + COUNTS + "}\n\n",
                "data: {\"choices\":\"odd\"," + COUNTS + "}\n\n",
                "data: {\"choices\":[]," + COUNTS + "}x\n\n",
                "data: {\"choices\":[]," + COUNTS + ",\"error\":{\"message\":\"no\"}}\n\n",
                "data: {\"choices\":[],\"usage\":null}\n\n",
                "data: {\"choices\":[],\"usage\":[]}\n\n",
                "data: {\"choices\":[],\"Usage\":{\"prompt_tokens\":1}}\n\n",
                "data: {\"choices\":[],\"x\":{" + COUNTS + "}}\n\n",
                "data: [{\"choices\":[]," + COUNTS + "}]\n\n",
                "data: {\"choices\":[]," + COUNTS + "\n\n",
                "data: {\"s\":\"\\\"choices\\\":[]," + COUNTS.replace("\"", "\\\"") + "\"}\n\n",
                "event: usage\ndata: {\"choices\":[],\n: not now\ndata: " + COUNTS + "}\n\n",
                "Data: {\"choices\":[]," + COUNTS + "}\n\n",
                " data: {\"choices\":[]," + COUNTS + "}\n\n",
                "x: {\"choices\":[]," + COUNTS + "}\n\n")) {
            mesh.passes(RawProvider.pieces(EVENTS, content("one"), event, done()));
            mesh.passes(RawProvider.pieces(EVENTS, (content("one") + event + done()).split("(?<=[:,\n])")));
        }
    }

    @Test
    void an_event_too_long_to_wait_is_shown_and_counted() {
        String event = "data: {\"choices\":[],\"pad\":\"" + "x".repeat(80_000) + "\"," + COUNTS + "}\n\n";

        assertThat(mesh.passes(RawProvider.pieces(EVENTS, event, done()))
                        .answer()
                        .usage())
                .isEqualTo(USAGE);
    }

    @Test
    void of_cumulative_usage_only_the_event_without_content_is_hidden() {
        String grows = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}],"
                + "\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":1,\"total_tokens\":12}}\n\n";

        mesh.hides(RawProvider.pieces(EVENTS, grows, grows, usage(), done()), grows + grows + done());
    }

    @Test
    void lines_wait_only_while_they_may_be_it() {
        List<String> pieces = List.of(
                "data: {\"choices\":[{\"delta\":{\"content\":\"o",
                "ne",
                "\"}}]}\n\n",
                "data: [DO",
                "NE]\n\n",
                "data:x",
                "\n\n");
        mesh.provider.plays((request, wire) -> {
            wire.head(200, "content-type", EVENTS, "transfer-encoding", "chunked");
            for (String piece : pieces) {
                wire.chunk(piece).pause(Duration.ofMillis(50));
            }
            wire.end();
        });

        Received received = mesh.through(CHAT, STREAM);

        assertThat(received.text()).isEqualTo(String.join("", pieces));
        assertThat(received.pieces()).hasSize(pieces.size());
    }

    @Test
    void a_line_that_shows_nothing_waits_for_the_piece_that_decides_it() {
        List<String> pieces = List.of("data: {\"choices\":[", "],\"id\":", "7}", "\n\n", done());
        mesh.provider.plays((request, wire) -> {
            wire.head(200, "content-type", EVENTS, "transfer-encoding", "chunked");
            for (String piece : pieces) {
                wire.chunk(piece).pause(Duration.ofMillis(50));
            }
            wire.end();
        });

        Received received = mesh.through(CHAT, STREAM);

        assertThat(received.text()).isEqualTo(String.join("", pieces));
        // the first three come together, when the object is whole
        assertThat(received.pieces()).hasSize(3);
    }
}
